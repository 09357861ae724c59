//! Everything that limits deny. Numbers stand in receipts: they are never given away again.

use plugins_sdk::Rule;

macro_rules! rules {
    ($($name:ident = $number:literal, $text:literal, $doc:literal;)*) => {
        $(
            #[doc = $doc]
            pub(crate) const $name: Rule = Rule::new($number, $text, $doc);
        )*
        /// All of them.
        pub(crate) const ALL: &[Rule] = &[$($name,)*];
    };
}

rules! {
    UNKNOWN = 1, "unknown-operation", "The operation is unknown to limits.";
    HOURS = 2, "outside-hours", "Nothing is posted outside business hours.";
    TRANSFERS = 3, "too-many-transfers", "A batch has no more transfers than `batch` says.";
    TOTAL = 4, "total-too-large", "A batch moves no more of an asset than its `batch_total`.";
    SMALL = 5, "amount-too-small", "A transfer moves no less than `min` of its asset.";
    LARGE = 6, "amount-too-large", "A transfer moves no more than `max` of its asset.";
    ASSET = 7, "asset-not-allowed", "Only assets that `assets` allows are moved.";
    ASSET_DENIED = 8, "asset-denied", "Assets that `assets` denies are not moved.";
    CODE = 9, "code-not-allowed", "Only accounts whose code `codes` allows are touched.";
    CODE_DENIED = 10, "code-denied", "Accounts whose code `codes` denies are not touched.";
    CODE_LARGE = 11, "amount-too-large-for-code",
        "A transfer moves no more than `max` from or to accounts of a code.";
    DEBIT = 12, "debit-not-allowed", "Only accounts that `debit` allows are debited.";
    DEBIT_DENIED = 13, "debit-denied", "Accounts that `debit` denies are not debited.";
    CREDIT = 14, "credit-not-allowed", "Only accounts that `credit` allows are credited.";
    CREDIT_DENIED = 15, "credit-denied", "Accounts that `credit` denies are not credited.";
    DEBIT_TAG = 16, "debit-tag-missing",
        "Only accounts with one of the tags that `debit` allows are debited.";
    DEBIT_TAG_DENIED = 17, "debit-tag-denied",
        "Accounts with a tag that `debit` denies are not debited.";
    CREDIT_TAG = 18, "credit-tag-missing",
        "Only accounts with one of the tags that `credit` allows are credited.";
    CREDIT_TAG_DENIED = 19, "credit-tag-denied",
        "Accounts with a tag that `credit` denies are not credited.";
}
