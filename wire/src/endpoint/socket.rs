//! The UDP socket of an endpoint.

use std::io;
use std::net::{SocketAddr, UdpSocket};

use socket2::{Domain, Protocol, Socket, Type};

/// Room for packets in the kernel, in bytes; the kernel may give less, usually no more than this.
/// All connections of a server share it, so that a flood of one must not crowd out the others:
/// what is dropped here is sent again only after tens of milliseconds.
const BUFFER_BYTES: usize = 4 * 1024 * 1024;

/// A socket bound to `address`.
pub(super) fn bind(address: SocketAddr) -> io::Result<UdpSocket> {
    let socket = Socket::new(
        Domain::for_address(address),
        Type::DGRAM,
        Some(Protocol::UDP),
    )?;
    // Smaller buffers cost speed and nothing else.
    let _ = socket.set_recv_buffer_size(BUFFER_BYTES);
    let _ = socket.set_send_buffer_size(BUFFER_BYTES);
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    Ok(socket.into())
}
