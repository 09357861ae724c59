//! The system that shards live in: arbiters need one, and it needs a runtime.

use std::future::Future;

use tokio::runtime::Runtime;

/// Runs `future` to its end on a system whose work the threads of `runtime` share.
pub fn block_on<F: Future>(runtime: Runtime, future: F) -> F::Output {
    actix::System::with_tokio_rt(|| runtime).block_on(future)
}
