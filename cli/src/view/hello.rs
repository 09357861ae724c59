//! Who the caller is and what the server's limits are.

use serde::Serialize;
use wire::message::HelloAnswer;

use crate::instant;
use crate::table::Pairs;

/// Who the caller is and what the server's limits are.
#[derive(Debug, Serialize)]
pub(crate) struct HelloView {
    server: String,
    protocol: u16,
    tenant: u32,
    tenant_name: String,
    role: &'static str,
    now: String,
    batch_transfers_max: u32,
    batch_accounts_max: u32,
    query_rows_max: u32,
    frame_body_max: u32,
    in_flight_max: u32,
    streams_max: u32,
}

impl HelloView {
    pub(crate) fn of(hello: &HelloAnswer) -> Self {
        Self {
            server: hello.server.to_string(),
            protocol: hello.protocol,
            tenant: hello.tenant.0,
            tenant_name: hello.tenant_name.to_string(),
            role: hello.role.name(),
            now: instant::show(hello.now),
            batch_transfers_max: hello.batch_transfers_max,
            batch_accounts_max: hello.batch_accounts_max,
            query_rows_max: hello.query_rows_max,
            frame_body_max: hello.frame_body_max,
            in_flight_max: hello.in_flight_max,
            streams_max: hello.streams_max,
        }
    }

    pub(crate) fn pairs(&self) -> Pairs {
        Pairs(vec![
            ("server", self.server.clone()),
            ("protocol", self.protocol.to_string()),
            ("tenant", format!("{} ({})", self.tenant_name, self.tenant)),
            ("role", self.role.to_owned()),
            ("server time", instant::brief(&self.now)),
            (
                "transfers in a request",
                self.batch_transfers_max.to_string(),
            ),
            ("accounts in a request", self.batch_accounts_max.to_string()),
            ("rows in an answer", self.query_rows_max.to_string()),
            ("bytes in a frame", self.frame_body_max.to_string()),
            ("requests in flight", self.in_flight_max.to_string()),
            ("streams", self.streams_max.to_string()),
        ])
    }
}
