//! The allocator of the process.

/// Returns large blocks to the next cycle instead of the kernel: fewer page faults per transfer.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Milliseconds before freed memory may go back to the kernel.
///
/// mimalloc 3 waits for a second, in which a burst of growing tables leaves its old copies
/// resident: 370 to 450 B per account, where 100 ms leaves 245 B at the same rate. Without any wait
/// it is 217 B, and each cycle faults its pages in anew.
const PURGE_DELAY_MS: core::ffi::c_long = 100;

/// The number of `mi_option_purge_delay`, which the binding does not name: the sixteenth of
/// `mi_option_e` in `mimalloc.h`, the same in versions 2 and 3.
const PURGE_DELAY: libmimalloc_sys::mi_option_t = 15;

/// Says how soon freed memory goes back to the kernel.
///
/// Called once, before other threads start.
#[allow(unsafe_code, reason = "the binding has no safe way to set an option")]
pub(crate) fn configure() {
    // SAFETY: takes two numbers, is bounds-checked by the allocator, and no other thread runs yet.
    unsafe { libmimalloc_sys::mi_option_set(PURGE_DELAY, PURGE_DELAY_MS) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[allow(unsafe_code, reason = "the binding has no safe way to read an option")]
    fn the_number_is_that_of_the_purge_delay() {
        // SAFETY: both only touch the allocator's own table of numbers.
        let before = unsafe { libmimalloc_sys::mi_option_get(PURGE_DELAY) };
        // What `mimalloc.h` documents for version 3; another number means that options moved.
        assert!(before == 1_000 || before == PURGE_DELAY_MS, "{before}");
        configure();
        // SAFETY: as above.
        assert_eq!(
            unsafe { libmimalloc_sys::mi_option_get(PURGE_DELAY) },
            PURGE_DELAY_MS
        );
    }
}
