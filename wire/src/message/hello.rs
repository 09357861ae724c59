//! Who the caller is and what the server's limits are.

use ledger::registry::Name;
use ledger::{Nanos, TenantId};

use crate::field::Text;
use crate::identity::Role;
use crate::limits::PROGRAM_BYTES_MAX;
use crate::message::macros::message;

message! {
    /// Asks who the caller is and what the server's limits are.
    #[derive(Default)]
    pub struct HelloRequest {
        /// Name and version of the client program, for the server's log.
        pub client: Text<PROGRAM_BYTES_MAX>,
    }

    /// Who the caller is and what the server's limits are.
    pub struct HelloAnswer {
        /// Name and version of the server program.
        pub server: Text<PROGRAM_BYTES_MAX>,
        /// Version of the protocol.
        pub protocol: u16,
        /// Most transfers in one request.
        pub batch_transfers_max: u32,
        /// Most accounts in one request.
        pub batch_accounts_max: u32,
        /// Most rows in one answer.
        pub query_rows_max: u32,
        /// Longest body of a frame, in bytes.
        pub frame_body_max: u32,
        /// Most requests of one connection that may wait for their answers.
        pub in_flight_max: u32,
        /// Most streams that the client may have open at once.
        pub streams_max: u32,
        /// Number of the caller's tenant; 0 is the platform.
        pub tenant: TenantId,
        /// Name of the caller's tenant.
        pub tenant_name: Name,
        /// What the caller may do.
        pub role: Role,
        /// The server's clock, in nanoseconds since 1970.
        pub now: Nanos,
    }
}
