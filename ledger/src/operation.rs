//! The operations a principal may ask for: the one list that authorisation, the protocol and the
//! negative tests are generated from.

macro_rules! operations {
    ($($(#[$doc:meta])* $name:ident = $number:literal, $text:literal, $class:ident;)*) => {
        /// Something a principal may ask for. Numbers are frozen.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        #[repr(u8)]
        pub enum Operation {
            $($(#[$doc])* $name = $number,)*
        }

        impl Operation {
            /// Every operation, in order of number.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The operation with this number.
            pub fn from_number(number: u8) -> Option<Self> {
                match number {
                    $($number => Some(Self::$name),)*
                    _ => None,
                }
            }

            /// Name for people and policies.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }

            /// What kind of power the operation needs.
            pub fn class(self) -> OperationClass {
                match self {
                    $(Self::$name => OperationClass::$class,)*
                }
            }
        }
    };
}

/// What kind of power an operation needs.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum OperationClass {
    /// Reads what belongs to the tenant.
    Read,
    /// Moves money of the tenant.
    Write,
    /// Shapes the tenant's accounts and books' state.
    Admin,
    /// Shapes the platform: tenants, assets, books.
    Operate,
    /// Open to every authenticated principal: says who it is and what the server is.
    Greet,
}

operations! {
    /// Says who the caller is and what the server's limits are.
    Hello = 1, "hello", Greet;
    /// Creates a tenant.
    CreateTenant = 10, "create_tenant", Operate;
    /// Creates an asset.
    CreateAsset = 11, "create_asset", Operate;
    /// Creates a book for a tenant.
    CreateBook = 12, "create_book", Operate;
    /// Halts, resumes or locks a book, ends its import, or has its answers wait for seals.
    ChangeBook = 13, "change_book", Admin;
    /// Lists tenants.
    ListTenants = 14, "list_tenants", Operate;
    /// Lists assets.
    ListAssets = 15, "list_assets", Greet;
    /// Lists the books the caller may see.
    ListBooks = 16, "list_books", Read;
    /// Creates accounts.
    CreateAccounts = 20, "create_accounts", Admin;
    /// Changes flags, bounds, rolling limits or tags of accounts.
    ChangeAccounts = 21, "change_accounts", Admin;
    /// Looks accounts up by id, with their balances now.
    LookupAccounts = 22, "lookup_accounts", Read;
    /// Lists accounts in order of creation.
    ListAccounts = 23, "list_accounts", Read;
    /// Posts transfers, holds, captures, voids and reversals.
    Post = 30, "post", Write;
    /// Decides a batch without posting it.
    DryRun = 31, "dry_run", Write;
    /// Looks transfers up by id.
    LookupTransfers = 32, "lookup_transfers", Read;
    /// Finds transfers by account, code, reference, time or sequence.
    QueryTransfers = 33, "query_transfers", Read;
    /// Balances as of a sequence, a posted time or an effective date.
    BalancesAsOf = 34, "balances_as_of", Read;
    /// The postings of an account with running balances.
    Statement = 35, "statement", Read;
    /// Sums over a book, per asset.
    Totals = 36, "totals", Read;
    /// The events of a book in order, from a sequence on.
    Subscribe = 37, "subscribe", Read;
    /// Erases reference and metadata of an event; its commitments stay.
    EraseNote = 38, "erase_note", Admin;
    /// Receipts of events: each verifiable offline against a published seal.
    Receipts = 50, "receipts", Read;
    /// How far published seals cover a book.
    SealStatus = 51, "seal_status", Read;
    /// Proof that a book's log of one size is the beginning of that of another.
    ProveConsistency = 52, "prove_consistency", Read;
    /// Proof that a range of a book's events is complete and in order.
    ProveRange = 53, "prove_range", Read;
    /// Proof of an account's postings, without gaps.
    ProveStatement = 54, "prove_statement", Read;
    /// Proof of what a book posted between two times.
    ProveLedger = 55, "prove_ledger", Read;
    /// A signed note of a book's root at a sealed size.
    Checkpoint = 56, "checkpoint", Read;
    /// Proof that one event stands in the log of a signed note.
    TlogProof = 57, "tlog_proof", Read;
    /// Rows of the deployment's audit chain.
    AuditRows = 58, "audit_rows", Read;
    /// Public keys, their states, and who vouched for them.
    Keyring = 59, "keyring", Greet;
    /// Adds, promotes, retires or revokes a signing key.
    ChangeSigners = 60, "change_signers", Operate;
    /// Adds an approver's signature to a request for approval.
    Approve = 61, "approve", Operate;
    /// Lists requests for approval that are open.
    Approvals = 62, "approvals", Read;
    /// Opens a request for approval.
    RequestApproval = 63, "request_approval", Operate;
    /// Sends a part of a file that a policy is made of.
    PushPolicy = 64, "push_policy", Admin;
    /// Lists policies: those in force, those before them, and candidates.
    ListPolicies = 65, "list_policies", Read;
    /// Has a candidate asked beside the policies in force, or no more.
    ShadowPolicy = 66, "shadow_policy", Admin;
    /// Puts a policy in force, or rolls it back.
    ActivatePolicy = 67, "activate_policy", Admin;
}
