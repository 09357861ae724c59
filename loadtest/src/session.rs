//! Connections by profile.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use client::{Client, ClientConfig, ClientError, Credentials, certificates_from_pem};

use crate::outcome::Outcome;
use crate::profile::Profile;

/// How long a request may take before its outcome counts as unknown.
pub const DEADLINE: Duration = Duration::from_secs(30);
/// Least time before a refused request is tried again, where the server does not say.
const RETRY_AFTER: Duration = Duration::from_millis(5);

/// Connects as the holder of the certificate that the profile names.
///
/// # Errors
/// A file cannot be read, or there is no connection.
pub async fn connect(path: &Path, in_flight: usize) -> Outcome<Client> {
    let profile = Profile::load(path)?;
    let address = profile.address;
    connect_to(&profile, address, in_flight).await
}

/// Connects as the holder of the profile's certificate to a daemon at another address than the
/// profile's.
///
/// # Errors
/// As [`connect`].
pub async fn connect_to(
    profile: &Profile,
    address: SocketAddr,
    in_flight: usize,
) -> Outcome<Client> {
    let read =
        |path: &Path| std::fs::read(path).map_err(|error| format!("`{}`: {error}", path.display()));
    let unfit = |error| format!("`{}`: {error:?}", profile.certificate.display());
    let roots = certificates_from_pem(&read(&profile.ca)?).map_err(unfit)?;
    let credentials =
        Credentials::from_pem(&read(&profile.certificate)?, &read(&profile.key)?).map_err(unfit)?;
    let mut config = ClientConfig::new(address, &profile.server_name, roots, credentials);
    config.program = concat!("ledgerd-loadtest ", env!("CARGO_PKG_VERSION")).to_owned();
    config.deadline = DEADLINE;
    config.in_flight_max = in_flight.max(1);
    Ok(Client::connect(&config).await?)
}

/// How long to wait before the same request is sent again on the same connection; `None` if that
/// makes no sense.
pub fn retry_after(error: &ClientError) -> Option<Duration> {
    match error {
        ClientError::Refused(failure) if failure.code.is_retryable() => {
            let told = Duration::from_millis(u64::from(failure.retry_after_ms));
            Some(if told.is_zero() { RETRY_AFTER } else { told })
        }
        ClientError::OutcomeUnknown {
            why: client::Unknown::Disconnected(_),
            ..
        } => None,
        ClientError::OutcomeUnknown { .. } | ClientError::DeadlinePassed => Some(RETRY_AFTER),
        _ => None,
    }
}
