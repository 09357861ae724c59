//! Names of deployments, environments and approvers.

use crate::limits::NAME_BYTES_MAX;
use crate::text_id::text_id;

text_id! {
    /// Name of a deployment, an environment or an approver.
    Name,
    /// A text that is no name.
    BadName,
    NAME_BYTES_MAX,
    |byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_.@-".contains(&byte),
    "a name: write 1 to 64 bytes of `[a-z0-9_.@-]`"
}
