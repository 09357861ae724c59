//! What a connection may hold and how long it may be silent.

use std::sync::Arc;
use std::time::Duration;

use quinn::{IdleTimeout, TransportConfig, VarInt};

use super::EndpointError;

/// Limits of each connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TransportLimits {
    /// Most streams that a client may have open at once.
    pub streams_max: u32,
    /// Most bytes of one stream that have arrived and were not read.
    pub stream_window: u32,
    /// Most bytes of all streams that have arrived and were not read.
    pub receive_window: u32,
    /// Most bytes that were written and not acknowledged.
    pub send_window: u64,
    /// How long nothing may arrive before the connection is given up. Asked for at a third of it.
    pub idle: Duration,
    /// How long a frame may take from its first byte to its last.
    pub frame: Duration,
}

impl Default for TransportLimits {
    fn default() -> Self {
        Self {
            streams_max: 16,
            stream_window: 4 * 1024 * 1024,
            receive_window: 4 * 1024 * 1024,
            send_window: 8 * 1024 * 1024,
            idle: Duration::from_secs(30),
            frame: Duration::from_secs(10),
        }
    }
}

impl TransportLimits {
    /// The configuration of a connection on which the peer may open `streams` streams.
    pub(super) fn config(&self, streams: u32) -> Result<Arc<TransportConfig>, EndpointError> {
        let idle = IdleTimeout::try_from(self.idle).map_err(|_| EndpointError::Limit("idle"))?;
        let mut config = TransportConfig::default();
        config
            .max_concurrent_bidi_streams(VarInt::from_u32(streams))
            .max_concurrent_uni_streams(VarInt::from_u32(0))
            .stream_receive_window(VarInt::from_u32(self.stream_window))
            .receive_window(VarInt::from_u32(self.receive_window))
            .send_window(self.send_window)
            .max_idle_timeout(Some(idle))
            .keep_alive_interval(Some(self.idle / 3))
            .datagram_receive_buffer_size(None)
            .enable_segmentation_offload(true);
        Ok(Arc::new(config))
    }
}
