//! Result codes: how an item of a request was decided. Numbers are frozen; within a request the
//! lowest number that applies is the answer, so numbers are also the order of precedence.
//!
//! One hundred numbers per class, so that later codes keep that order.

macro_rules! codes {
    ($(
        $name:ident = $number:literal, $text:literal, $retry:ident, $effect:ident,
            $doc:literal;
    )*) => {
        /// How an item of a request was decided.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[repr(u16)]
        pub enum Code {
            $(#[doc = $doc] $name = $number,)*
        }

        impl Code {
            /// Every code, in order of precedence.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The code with this number.
            pub fn from_number(number: u16) -> Option<Self> {
                match number {
                    $($number => Some(Self::$name),)*
                    _ => None,
                }
            }

            /// Name for people and scripts.
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// What it means, in one sentence.
            pub fn doc(self) -> &'static str {
                match self { $(Self::$name => $doc,)* }
            }

            /// Whether the same request may be decided otherwise later.
            pub fn is_retryable(self) -> bool {
                match self { $(Self::$name => codes!(@retry $retry),)* }
            }

            /// Whether it is certain that nothing was posted, now or earlier, under this id by
            /// the request that got this code.
            pub fn has_no_side_effects(self) -> bool {
                match self { $(Self::$name => codes!(@effect $effect),)* }
            }
        }
    };
    (@retry retry) => { true };
    (@retry final) => { false };
    (@effect none) => { true };
    (@effect some) => { false };
}

codes! {
    Created = 0, "created", final, some,
        "it was posted";

    ReservedNotZero = 100, "reserved_not_zero", final, none,
        "reserved bits or bytes are set";
    IdIsZero = 101, "id_is_zero", final, none,
        "the id is 0";
    IdIsMax = 102, "id_is_max", final, none,
        "the id is 2^128 - 1";
    FlagsConflict = 103, "flags_conflict", final, none,
        "flags that exclude each other are set";
    DebitIsZero = 104, "debit_is_zero", final, none,
        "the debit account is 0 or 2^128 - 1";
    CreditIsZero = 105, "credit_is_zero", final, none,
        "the credit account is 0 or 2^128 - 1";
    AccountsAreTheSame = 106, "accounts_are_the_same", final, none,
        "debit and credit are one account";
    TargetRequired = 107, "target_required", final, none,
        "a capture, void or reversal names no target";
    TargetNotAllowed = 108, "target_not_allowed", final, none,
        "a target is named where none may be";
    TimeoutNotAllowed = 109, "timeout_not_allowed", final, none,
        "only a hold has a timeout";
    CodeIsZero = 110, "code_is_zero", final, none,
        "the code is 0";
    AmountIsZero = 111, "amount_is_zero", final, none,
        "the amount is 0";
    AmountTooLarge = 112, "amount_too_large", final, none,
        "the amount is above 2^127 - 1";
    PostedAtNotAllowed = 113, "posted_at_not_allowed", final, none,
        "only an imported transfer carries a posted time";
    EntrySetOpen = 114, "entry_set_open", final, none,
        "the last transfer of the batch is linked to nothing";
    AssetIsZero = 115, "asset_is_zero", final, none,
        "the asset is 0";
    BoundsCross = 116, "bounds_cross", final, none,
        "the floor is above the ceiling";
    WindowInvalid = 117, "window_invalid", final, none,
        "a rolling limit has no window, or limits nothing";
    NameInvalid = 118, "name_invalid", final, none,
        "a name has other characters than it may, or none";
    ExponentTooLarge = 119, "exponent_too_large", final, none,
        "an asset's exponent is above 18";
    NoteTooLong = 120, "note_too_long", final, none,
        "a reference is above 128 bytes or metadata above 4096";
    IdRepeated = 121, "id_repeated", final, none,
        "the id stands twice in one entry set";

    Exists = 200, "exists", final, some,
        "it was posted before, exactly so";
    ExistsWithDifferentFlags = 201, "exists_with_different_flags", final, none,
        "the id was posted with other flags";
    ExistsWithDifferentDebit = 202, "exists_with_different_debit", final, none,
        "the id was posted with another debit account";
    ExistsWithDifferentCredit = 203, "exists_with_different_credit", final, none,
        "the id was posted with another credit account";
    ExistsWithDifferentAmount = 204, "exists_with_different_amount", final, none,
        "the id was posted with another amount";
    ExistsWithDifferentTarget = 205, "exists_with_different_target", final, none,
        "the id was posted with another target";
    ExistsWithDifferentAsset = 206, "exists_with_different_asset", final, none,
        "the id was posted in another asset";
    ExistsWithDifferentTimeout = 207, "exists_with_different_timeout", final, none,
        "the id was posted with another timeout";
    ExistsWithDifferentCode = 208, "exists_with_different_code", final, none,
        "the id was posted with another code";
    ExistsWithDifferentEffectiveAt = 209, "exists_with_different_effective_at", final, none,
        "the id was posted with another effective date";
    ExistsWithDifferentUserData = 210, "exists_with_different_user_data", final, none,
        "the id was posted with other user data";
    ExistsWithDifferentReference = 211, "exists_with_different_reference", final, none,
        "the id was posted with another reference";
    ExistsWithDifferentMetadata = 212, "exists_with_different_metadata", final, none,
        "the id was posted with other metadata";
    ExistsWithDifferentSettings = 213, "exists_with_different_settings", final, none,
        "the account exists with other flags, bounds, limits or tags";
    ExistsWithDifferentName = 214, "exists_with_different_name", final, none,
        "it exists with another name, or the name with another id";
    ExistsWithDifferentExponent = 215, "exists_with_different_exponent", final, none,
        "the asset exists with another exponent";
    ExistsWithDifferentTenant = 216, "exists_with_different_tenant", final, none,
        "the book exists and belongs to another tenant";
    ExistsWithDifferentPostedAt = 217, "exists_with_different_posted_at", final, none,
        "the id was imported with another posted time";

    Denied = 300, "denied", final, none,
        "the principal may not do this";
    PolicyTrapped = 301, "policy_trapped", retry, none,
        "the policy ended in a fault; whatever has no verdict is refused";
    PolicyTimedOut = 302, "policy_timed_out", retry, none,
        "the policy did not decide in the time it has";
    PolicyOutOfMemory = 303, "policy_out_of_memory", retry, none,
        "the policy asked for more memory than it has";
    PolicyBadOutput = 304, "policy_bad_output", retry, none,
        "the policy's verdict is not one that the contract allows";
    PolicyFailed = 305, "policy_failed", retry, none,
        "the policy says itself that it cannot decide";
    PolicyBreakerOpen = 306, "policy_breaker_open", retry, none,
        "the policy failed too often and is not asked for a while";
    PolicyUnavailable = 307, "policy_unavailable", retry, none,
        "what decides cannot be reached or is not loaded";

    BookNotFound = 400, "book_not_found", final, none,
        "there is no such book";
    BookHalted = 401, "book_halted", retry, none,
        "the book is halted; reads go on";
    BookNotImporting = 402, "book_not_importing", final, none,
        "imported transfers need a book in state importing";
    BookImporting = 403, "book_importing", retry, none,
        "the book takes only imported transfers until it is opened";
    EffectiveLocked = 404, "effective_locked", final, none,
        "the effective date lies before the book's lock";
    PostedAtNotRising = 405, "posted_at_not_rising", final, none,
        "an imported posted time is not after the one before it, or in the future";
    BookStateConflict = 406, "book_state_conflict", final, none,
        "the book is not in the state that this change starts from";
    TenantNotFound = 407, "tenant_not_found", final, none,
        "there is no such tenant";
    AssetNotFound = 408, "asset_not_found", final, none,
        "there is no such asset";

    DebitNotFound = 500, "debit_not_found", final, none,
        "there is no such debit account";
    CreditNotFound = 501, "credit_not_found", final, none,
        "there is no such credit account";
    AccountNotFound = 502, "account_not_found", final, none,
        "there is no such account";
    AssetsDiffer = 503, "assets_differ", final, none,
        "the accounts have different assets";
    AssetMismatch = 504, "asset_mismatch", final, none,
        "the accounts have another asset than the transfer says";
    DebitClosed = 505, "debit_closed", final, none,
        "the debit account is closed";
    CreditClosed = 506, "credit_closed", final, none,
        "the credit account is closed";
    DebitFrozen = 507, "debit_frozen", retry, none,
        "the debit account is frozen for debits";
    CreditFrozen = 508, "credit_frozen", retry, none,
        "the credit account is frozen for credits";
    AccountClosed = 509, "account_closed", final, none,
        "a closed account stays as it is";
    CloseNeedsZeroBalance = 510, "close_needs_zero_balance", retry, none,
        "only an account with zero balance can be closed";
    CloseNeedsNoHolds = 511, "close_needs_no_holds", retry, none,
        "only an account without open holds can be closed";
    BoundBroken = 512, "bound_broken", final, none,
        "the balance breaks the bound that would be set";
    TooManyAccounts = 513, "too_many_accounts", retry, none,
        "the book has as many accounts as it may";

    TargetNotFound = 600, "target_not_found", final, none,
        "there is no transfer with the target's id";
    TargetNotHold = 601, "target_not_hold", final, none,
        "the target is not a hold";
    TargetNotReversible = 602, "target_not_reversible", final, none,
        "the target is a hold, a void or a reversal";
    TargetDebitDiffers = 603, "target_debit_differs", final, none,
        "the target has another debit account";
    TargetCreditDiffers = 604, "target_credit_differs", final, none,
        "the target has another credit account";
    TargetAmountDiffers = 605, "target_amount_differs", final, none,
        "a void or reversal names another amount than the target's";
    TargetExceeded = 606, "target_exceeded", final, none,
        "the capture is above what is still held";
    HoldCaptured = 607, "hold_captured", final, none,
        "the hold was captured";
    HoldVoided = 608, "hold_voided", final, none,
        "the hold was voided";
    HoldExpired = 609, "hold_expired", final, none,
        "the hold has expired";
    AlreadyReversed = 610, "already_reversed", final, none,
        "the target was reversed before";
    TooManyHolds = 611, "too_many_holds", retry, none,
        "the book has as many open holds as it may";

    BelowFloor = 700, "below_floor", retry, none,
        "the debit account would fall below its floor";
    AboveCeiling = 701, "above_ceiling", retry, none,
        "the credit account would rise above its ceiling";
    LimitCount = 702, "limit_count", retry, none,
        "the debit account's rolling limit on their number is reached";
    LimitAmount = 703, "limit_amount", retry, none,
        "the debit account's rolling limit on their sum is reached";
    Overflow = 704, "overflow", final, none,
        "a sum of the account would pass 2^127 - 1";
    NothingToMove = 705, "nothing_to_move", retry, none,
        "a balancing transfer finds nothing that may move";

    EntrySetFailed = 800, "entry_set_failed", retry, none,
        "another member of the entry set was refused";

    Malformed = 900, "malformed", final, none,
        "the request cannot be read";
    TooLarge = 901, "too_large", final, none,
        "the request is above a stated limit";
    Busy = 902, "busy", retry, none,
        "the daemon or the tenant's share is full; retry after the time given";
    DeadlineExceeded = 903, "deadline_exceeded", retry, none,
        "the deadline passed before it was decided";
    OutcomeUnknown = 904, "outcome_unknown", retry, some,
        "whether it was posted is unknown; retry with the same id";
    ShuttingDown = 905, "shutting_down", retry, none,
        "the daemon is stopping";
    StorageFull = 906, "storage_full", retry, none,
        "there is no room for more blocks";
    ClockStopped = 907, "clock_stopped", retry, none,
        "the clock jumped or stands behind the last block";
    Unsupported = 908, "unsupported", final, none,
        "the operation or its version is not known here";
    NotFound = 909, "not_found", final, none,
        "there is nothing under that id";
    CursorInvalid = 910, "cursor_invalid", final, none,
        "the cursor is not one this server gave";
    NotSealed = 911, "not_sealed", retry, none,
        "the event is not covered by a published seal yet";
    UnsealedWindowFull = 912, "unsealed_window_full", retry, none,
        "too much is committed and not sealed yet: postings wait for the signer";
    SignerUnavailable = 913, "signer_unavailable", retry, none,
        "the signer cannot be asked now";
    KeyStateConflict = 914, "key_state_conflict", final, none,
        "the key is not in the state that this change starts from";
    ApprovalInsufficient = 915, "approval_insufficient", final, none,
        "the change needs the approval of more approvers, or of others";
    PolicyRefused = 916, "policy_refused", final, none,
        "the policy cannot be put in force; the message names the step that refused it";
    PolicyStateConflict = 917, "policy_state_conflict", final, none,
        "the policies in force are not those that this change starts from";
}

impl Code {
    /// The frozen number.
    #[inline]
    pub const fn number(self) -> u16 {
        self as u16
    }

    /// Whether the id was known before, with the same fields or others.
    pub fn is_known(self) -> bool {
        (200..300).contains(&self.number())
    }

    /// Whether policy refused it, or had no verdict, which refuses too.
    pub fn is_denial(self) -> bool {
        (300..400).contains(&self.number())
    }

    /// Whether the item stands in the ledger: posted now or before.
    pub fn is_posted(self) -> bool {
        matches!(self, Self::Created | Self::Exists)
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::Code;

    #[test]
    fn numbers_rise_and_read_back() {
        assert!(Code::ALL.windows(2).all(|w| w[0].number() < w[1].number()));
        for code in Code::ALL {
            assert_eq!(Code::from_number(code.number()), Some(*code));
        }
    }
}
