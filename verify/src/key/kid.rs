use crate::limits::KID_BYTES_MAX;
use crate::text_id::text_id;

text_id! {
    /// Id of a key, such as a KMS ARN or alias.
    Kid,
    /// A text that is no key id.
    BadKid,
    KID_BYTES_MAX,
    |byte| byte.is_ascii_alphanumeric() || b":/_.@=-".contains(&byte),
    "a key id: write 1 to 128 bytes of `[A-Za-z0-9:/_.@=-]`"
}
