//! A key in a PKCS#11 token: an HSM, or SoftHSM in tests.
//!
//! A module blocks, so each session lives on a thread of its own; requests wait for one in a
//! bounded queue.

use std::convert::Infallible;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread::{self, JoinHandle};

use crossbeam::channel::{Receiver, RecvTimeoutError, Sender, TrySendError, bounded};
use ledger::Digest;
use secrecy::SecretString;
use tokio::sync::oneshot;

use crate::error::{Fault, SignerError};
use crate::limits::{SESSION_QUEUE, SESSIONS_CLOSE, SESSIONS_MAX};
use crate::retry::Patience;

mod fault;
mod generate;
mod module;
mod public;
mod session;

pub use generate::{KeyKind, generate};
use session::Keyed;

/// A key in a PKCS#11 token.
#[derive(Clone, Debug)]
pub struct Pkcs11Config {
    /// Shared library of the token's maker.
    pub module: PathBuf,
    /// Label of the token.
    pub token: Box<str>,
    /// Which of its keys.
    pub key: KeyName,
    /// PIN of the user.
    pub pin: SecretString,
    /// Sessions that are open at once, each with its thread.
    pub sessions: usize,
    /// Time-outs and attempts.
    pub patience: Patience,
}

/// What names a key of a token. Label and id must both fit where both are given.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeyName {
    /// Label (`CKA_LABEL`).
    pub label: Option<Box<str>>,
    /// Id (`CKA_ID`).
    pub id: Option<Box<[u8]>>,
}

/// What a session is asked to sign.
#[derive(Clone, Debug)]
enum Input {
    /// RSA PKCS#1 v1.5 with SHA-256, over a digest as it is.
    RsaDigest(Digest),
    /// Plain Ed25519 over these bytes.
    Ed25519(Box<[u8]>),
}

enum Job {
    Sign(Input, oneshot::Sender<Result<Vec<u8>, Fault>>),
    PublicKey(oneshot::Sender<Result<Vec<u8>, Fault>>),
}

/// The sessions of one key.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    jobs: Sender<Job>,
    name: Box<str>,
    patience: Patience,
    // INVARIANT: after `jobs`, so that the threads have heard of the end when this waits for them.
    _threads: Arc<Threads>,
}

/// The threads of the sessions, and what is closed once all of them have closed theirs.
#[derive(Debug)]
struct Threads {
    handles: Vec<JoinHandle<()>>,
    alive: Receiver<Infallible>,
}

impl Drop for Threads {
    /// A process that ends while its module closes a session may die of that; a token that hangs
    /// must not keep it from ending.
    fn drop(&mut self) {
        if self.alive.recv_timeout(SESSIONS_CLOSE) == Err(RecvTimeoutError::Disconnected) {
            for handle in self.handles.drain(..) {
                // One that panicked has said so.
                let _ = handle.join();
            }
        }
    }
}

impl Token {
    /// Starts the threads. A session is opened when the first request needs it.
    pub(crate) fn open(config: &Pkcs11Config) -> Result<Self, SignerError> {
        let name = format!("pkcs11 key {} in token `{}`", config.key, config.token);
        let wrong = |why: &str| SignerError::new(name.as_str(), Fault::Setting(why.into()));
        if config.key.label.is_none() && config.key.id.is_none() {
            return Err(wrong("the key has neither a label nor an id"));
        }
        if config.sessions == 0 || config.sessions > SESSIONS_MAX {
            let why = format!("`{}` sessions: 1 to {SESSIONS_MAX} work", config.sessions);
            return Err(wrong(&why));
        }
        let (jobs, waiting) = bounded(SESSION_QUEUE);
        let config = Arc::new(config.clone());
        let pin_refused = Arc::new(AtomicBool::new(false));
        let (closed, alive) = bounded(0);
        let mut handles = Vec::with_capacity(config.sessions);
        for _ in 0..config.sessions {
            let (config, waiting) = (config.clone(), waiting.clone());
            let (pin_refused, closed) = (pin_refused.clone(), closed.clone());
            let serve = move || {
                serve(&config, &pin_refused, &waiting);
                drop::<Sender<Infallible>>(closed);
            };
            let thread = thread::Builder::new().name("pkcs11".to_owned());
            let handle = thread.spawn(serve);
            handles.push(handle.map_err(|e| wrong(&format!("no thread for a session: {e}")))?);
        }
        Ok(Self {
            jobs,
            name: name.into(),
            patience: config.patience,
            _threads: Arc::new(Threads { handles, alive }),
        })
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The public key, as DER.
    pub(crate) async fn public_key(&self) -> Result<Vec<u8>, SignerError> {
        self.ask(Job::PublicKey).await
    }

    /// RSA PKCS#1 v1.5 with SHA-256 over a digest as it is.
    pub(crate) async fn sign_rsa(&self, digest: Digest) -> Result<Vec<u8>, SignerError> {
        self.ask(|reply| Job::Sign(Input::RsaDigest(digest), reply))
            .await
    }

    /// Plain Ed25519 over `message`.
    pub(crate) async fn sign_ed25519(&self, message: &[u8]) -> Result<Vec<u8>, SignerError> {
        self.ask(|reply| Job::Sign(Input::Ed25519(message.into()), reply))
            .await
    }

    async fn ask<F>(&self, job: F) -> Result<Vec<u8>, SignerError>
    where
        F: Fn(oneshot::Sender<Result<Vec<u8>, Fault>>) -> Job,
    {
        let ended = || Fault::Unavailable("the threads of its sessions ended".into());
        let attempt = || async {
            let (reply, answer) = oneshot::channel();
            self.jobs.try_send(job(reply)).map_err(|e| match e {
                TrySendError::Full(_) => Fault::Busy,
                TrySendError::Disconnected(_) => ended(),
            })?;
            answer.await.unwrap_or_else(|_| Err(ended()))
        };
        self.patience.ask(&self.name, attempt).await
    }
}

/// One thread with one session, until nobody can ask any more.
fn serve(config: &Pkcs11Config, pin_refused: &AtomicBool, waiting: &Receiver<Job>) {
    let mut open: Option<Keyed> = None;
    for job in waiting {
        match job {
            // Whoever asked has given up: the token is spared the work.
            Job::Sign(_, reply) | Job::PublicKey(reply) if reply.is_closed() => {}
            Job::Sign(input, reply) => {
                let result = with_session(config, pin_refused, &mut open, |s| s.sign(&input));
                let _ = reply.send(result);
            }
            Job::PublicKey(reply) => {
                let result = with_session(config, pin_refused, &mut open, Keyed::public_key);
                let _ = reply.send(result);
            }
        }
    }
}

/// Does `work` in the open session; when that session turns out to be lost, once more in a new one.
fn with_session<T>(
    config: &Pkcs11Config,
    pin_refused: &AtomicBool,
    open: &mut Option<Keyed>,
    work: impl Fn(&Keyed) -> Result<T, Fault>,
) -> Result<T, Fault> {
    if let Some(session) = open {
        match work(session) {
            Err(fault) if fault.is_retryable() => *open = None,
            result => return result,
        }
    }
    let session = Keyed::open(config, pin_refused)?;
    let result = work(&session);
    if !result.as_ref().is_err_and(Fault::is_retryable) {
        *open = Some(session);
    }
    result
}

impl std::fmt::Display for KeyName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (&self.label, &self.id) {
            (Some(label), None) => write!(f, "`{label}`"),
            (None, Some(id)) => write!(f, "with id `{}`", verify::hex::encode(id)),
            (Some(label), Some(id)) => write!(f, "`{label}` with id `{}`", verify::hex::encode(id)),
            (None, None) => f.write_str("without a name"),
        }
    }
}
