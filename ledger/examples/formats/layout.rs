//! Which field stands where in each record, and what the record is for.

/// A record of fixed width.
pub(crate) struct Layout {
    /// Name of the record and of its vector.
    pub(crate) name: &'static str,
    pub(crate) fields: &'static [Field],
}

/// A field of a record.
pub(crate) struct Field {
    /// As the struct in the code calls it, or another name if it has none there.
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) meaning: &'static str,
}

/// How a field is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    U8,
    U16,
    U32,
    U64,
    U128,
    I128,
    /// SHA-256.
    Digest,
    /// Text of at most so many bytes, padded with zeros.
    Text(usize),
}

impl Kind {
    pub(crate) const fn bytes(self) -> usize {
        match self {
            Self::U8 => 1,
            Self::U16 => 2,
            Self::U32 => 4,
            Self::U64 => 8,
            Self::U128 | Self::I128 => 16,
            Self::Digest => 32,
            Self::Text(bytes) => bytes,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::U8 => "u8",
            Self::U16 => "u16",
            Self::U32 => "u32",
            Self::U64 => "u64",
            Self::U128 => "u128",
            Self::I128 => "i128",
            Self::Digest => "digest",
            Self::Text(_) => "text",
        }
    }

    /// A value as people read it.
    pub(crate) fn show(self, bytes: &[u8]) -> String {
        match self {
            Self::U8 | Self::U16 | Self::U32 | Self::U64 | Self::U128 => number(bytes).to_string(),
            Self::I128 => (number(bytes) as i128).to_string(),
            Self::Digest => format!("{}…", hex(&bytes[..4])),
            Self::Text(_) => {
                let text = String::from_utf8(bytes.to_vec()).unwrap();
                format!("`{}`", text.trim_end_matches('\0'))
            }
        }
    }
}

fn number(bytes: &[u8]) -> u128 {
    let mut wide = [0; 16];
    wide[..bytes.len()].copy_from_slice(bytes);
    u128::from_le_bytes(wide)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Layout {
    pub(crate) fn bytes(&self) -> usize {
        self.fields.iter().map(|field| field.kind.bytes()).sum()
    }

    /// Every field with its offset.
    pub(crate) fn offsets(&self) -> impl Iterator<Item = (usize, &Field)> {
        let mut at = 0;
        self.fields.iter().map(move |field| {
            let offset = at;
            at += field.kind.bytes();
            (offset, field)
        })
    }
}

/// The record of this name.
pub(crate) fn layout(name: &str) -> &'static Layout {
    let found = LAYOUTS.iter().find(|layout| layout.name == name);
    found.unwrap_or_else(|| panic!("no layout `{name}`"))
}

const fn field(name: &'static str, kind: Kind, meaning: &'static str) -> Field {
    Field {
        name,
        kind,
        meaning,
    }
}

const KIND: Field = field("kind", Kind::U8, "which record");
const VERSION: Field = field("version", Kind::U8, "1");
const SEQ: Field = field("seq", Kind::U64, "position in the book");
const POSTED_AT: Field = field("posted_at", Kind::U64, "when it was decided");
const FLAGS: Field = field(
    "flags",
    Kind::U16,
    "flags of the account, and which bounds are set",
);
const FLOOR: Field = field("floor", Kind::I128, "0 when there is none");
const CEILING: Field = field("ceiling", Kind::I128, "0 when there is none");
const SECONDS: Field = field(
    "seconds",
    Kind::U32,
    "length of a window; 0 when there is none",
);
const COUNT: Field = field("count", Kind::U32, "most debits in it; 0 for any number");
const TAGS: Field = field("tags", Kind::U64, "bit n: tag number n of the tenant");
const AMOUNT: Field = field("amount", Kind::U128, "most minor units in it; 0 for any");

/// Every record, in the order of the page.
pub(crate) const LAYOUTS: &[Layout] = &[
    Layout {
        name: "account_created",
        fields: &[
            KIND,
            VERSION,
            SEQ,
            POSTED_AT,
            field("id", Kind::U128, "the account"),
            field("asset", Kind::U32, "what its amounts are counted in"),
            field("code", Kind::U16, "the client's classification"),
            field("user_data", Kind::U64, "the client's own number"),
            FLAGS,
            FLOOR,
            CEILING,
            SECONDS,
            COUNT,
            AMOUNT,
            SECONDS,
            COUNT,
            AMOUNT,
            TAGS,
        ],
    },
    Layout {
        name: "account_changed",
        fields: &[
            KIND,
            VERSION,
            SEQ,
            POSTED_AT,
            field("id", Kind::U128, "the account"),
            field(
                "account_seq",
                Kind::U64,
                "sequence of this change in the account, dense with its legs",
            ),
            FLAGS,
            FLOOR,
            CEILING,
            SECONDS,
            COUNT,
            AMOUNT,
            SECONDS,
            COUNT,
            AMOUNT,
            TAGS,
        ],
    },
    Layout {
        name: "transfer",
        fields: TRANSFER,
    },
    Layout {
        name: "hold_expired",
        fields: &[
            KIND,
            VERSION,
            SEQ,
            POSTED_AT,
            field("hold", Kind::U128, "the hold"),
            field("debit", Kind::U128, "account that would have given"),
            field("credit", Kind::U128, "account that would have received"),
            field("released", Kind::U128, "minor units that were still held"),
            field(
                "debit_seq",
                Kind::U64,
                "sequence of the leg in the debit account",
            ),
            field("credit_seq", Kind::U64, "the same in the credit account"),
        ],
    },
    Layout {
        name: "request_denied",
        fields: &[
            KIND,
            VERSION,
            SEQ,
            POSTED_AT,
            field("operation", Kind::U8, "what was asked for"),
            field(
                "result",
                Kind::U16,
                "the answer: 300, or why there was no verdict",
            ),
            field(
                "rule",
                Kind::U16,
                "the rule that denied it; 0 if no rule of a policy did",
            ),
            field("book", Kind::U32, "the book that the request named"),
            field("principal", Kind::Digest, "of the SPIFFE ID of who asked"),
            field("request", Kind::Digest, "of the request's header and body"),
            field(
                "policy",
                Kind::Digest,
                "of the policy's component; zeros if none was asked",
            ),
            field(
                "count",
                Kind::U64,
                "requests that it stands for, at least 1",
            ),
            field(
                "members",
                Kind::U64,
                "transfers denied while the others went on; 0 for whole requests",
            ),
        ],
    },
    Layout {
        name: "book_changed",
        fields: &[
            KIND,
            VERSION,
            SEQ,
            POSTED_AT,
            field(
                "change",
                Kind::U8,
                "1 halted, 2 resumed, 3 locked, 4 opened, 5 seals required, 6 no longer",
            ),
            field(
                "reason",
                Kind::U16,
                "the asker's number; 65535 when the daemon itself halted the book",
            ),
            field(
                "effective_lock",
                Kind::U64,
                "earliest effective date from now on",
            ),
        ],
    },
    Layout {
        name: "tenant_created",
        fields: &[
            KIND,
            VERSION,
            SEQ,
            POSTED_AT,
            field("tenant", Kind::U32, "its number"),
            field("name", Kind::Text(32), "its name, as certificates give it"),
        ],
    },
    Layout {
        name: "asset_created",
        fields: &[
            KIND,
            VERSION,
            SEQ,
            POSTED_AT,
            field("asset", Kind::U32, "its number"),
            field("code", Kind::Text(12), "its code"),
            field(
                "exponent",
                Kind::U8,
                "decimal digits after the point, 0 to 18",
            ),
        ],
    },
    Layout {
        name: "book_created",
        fields: &[
            KIND,
            VERSION,
            SEQ,
            POSTED_AT,
            field("book", Kind::U32, "its number"),
            field("tenant", Kind::U32, "its owner"),
            field(
                "name",
                Kind::Text(32),
                "its name, unique among the tenant's books",
            ),
            field(
                "importing",
                Kind::U8,
                "1 if it starts in state `importing`, else 0",
            ),
        ],
    },
    Layout {
        name: "note_erased",
        fields: &[
            KIND,
            VERSION,
            SEQ,
            POSTED_AT,
            field(
                "target",
                Kind::U64,
                "sequence of the event whose note is gone",
            ),
        ],
    },
    Layout {
        name: "batch_entry",
        fields: &[
            KIND,
            VERSION,
            field(
                "principal",
                Kind::Digest,
                "of the SPIFFE ID, or of `ledgerd` for what the daemon did by itself",
            ),
            field(
                "fingerprint",
                Kind::Digest,
                "of the certificate's DER bytes; zeros for the daemon",
            ),
            field("request_id", Kind::U128, "the client's; 0 for the daemon"),
            field("policy_set", Kind::Digest, "of the rules that permitted it"),
            field("first", Kind::U32, "index in the block of its first event"),
            field("count", Kind::U32, "how many events it made"),
        ],
    },
    Layout {
        name: "row",
        fields: &[
            field("id", Kind::U128, "the account"),
            field("debits_posted", Kind::U128, "minor units"),
            field("credits_posted", Kind::U128, "minor units"),
            field("debits_pending", Kind::U128, "minor units"),
            field("credits_pending", Kind::U128, "minor units"),
            field("seq", Kind::U64, "legs and changes so far"),
            field("flags", Kind::U16, "flags of the account"),
        ],
    },
    Layout {
        name: "block_header",
        fields: &[
            field("version", Kind::U16, "1"),
            field("book", Kind::U32, "the book"),
            field("height", Kind::U64, "dense from 1"),
            field(
                "previous",
                Kind::Digest,
                "hash of the block before; zeros at height 1",
            ),
            field("first_seq", Kind::U64, "sequence of the first event"),
            field("count", Kind::U32, "events in the block, at least 1"),
            field("first_posted_at", Kind::U64, "of the first event"),
            field("last_posted_at", Kind::U64, "of the last event"),
            field(
                "tree_size",
                Kind::U64,
                "leaves of the book's tree with this block",
            ),
            field("root", Kind::Digest, "root of that tree"),
            field("rows", Kind::Digest, "of the rows of the touched accounts"),
            field("batches", Kind::Digest, "of the batch list"),
        ],
    },
];

/// A transfer without commitments; with them, two digests follow.
const TRANSFER: &[Field] = &[
    KIND,
    VERSION,
    field("flags", Kind::U16, "what it did"),
    field("code", Kind::U16, "the client's classification"),
    field("result", Kind::U16, "how it was decided: 0, created"),
    field("asset", Kind::U32, "of both accounts"),
    field(
        "timeout",
        Kind::U32,
        "seconds until a hold expires; 0 for never",
    ),
    SEQ,
    POSTED_AT,
    field("effective_at", Kind::U64, "business date"),
    field("user_data", Kind::U64, "the client's own number"),
    field(
        "debit_seq",
        Kind::U64,
        "sequence of the leg in the debit account, dense from 1",
    ),
    field("credit_seq", Kind::U64, "the same in the credit account"),
    field("id", Kind::U128, "the client's id"),
    field("debit", Kind::U128, "account that gave"),
    field("credit", Kind::U128, "account that received"),
    field(
        "amount",
        Kind::U128,
        "held for a hold, else posted; 0 for a void",
    ),
    field("requested", Kind::U128, "what was asked for"),
    field(
        "released",
        Kind::U128,
        "what a capture or void took off the hold, what was not captured included",
    ),
    field(
        "target",
        Kind::U128,
        "the hold, or the reversed transfer; 0 otherwise",
    ),
];
