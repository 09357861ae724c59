//! Runs the parts until the process is told to stop.

use std::fmt;
use std::net::{SocketAddr, UdpSocket};

use crate::authority::Authorities;
use crate::config::Settings;
use crate::exit::Exit;

/// Why serving ended.
#[derive(Debug)]
pub(crate) enum ServeError {
    /// The address cannot be listened on.
    Listen(SocketAddr, std::io::Error),
    /// This build has no gateway to answer requests with.
    NoGateway,
}

/// Serves with `settings`; calls `ready` with the bound address once connections are taken.
///
/// # Errors
/// Why it cannot go on.
pub(crate) fn serve(settings: Settings, ready: impl FnOnce(SocketAddr)) -> Result<(), ServeError> {
    let listen = settings.profile.listen();
    let failed = |error| ServeError::Listen(listen, error);
    let socket = UdpSocket::bind(listen).map_err(failed)?;
    let _authorities = Authorities::new(&settings);
    ready(socket.local_addr().map_err(failed)?);
    Err(ServeError::NoGateway)
}

impl ServeError {
    /// How the process ends with it.
    pub(crate) fn exit(&self) -> Exit {
        Exit::Runtime
    }
}

impl fmt::Display for ServeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Listen(address, error) => write!(f, "cannot listen on `{address}`: {error}"),
            Self::NoGateway => f.write_str("this build has no gateway"),
        }
    }
}

impl std::error::Error for ServeError {}
