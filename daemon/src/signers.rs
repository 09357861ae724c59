//! Connects what signs, before a port is open: each key is registered, reachable, the one that is
//! registered, and has just signed something. What fails is told by the key of the configuration,
//! or the variable, that names it.

mod config;
mod emergency;
mod registered;

use std::sync::Arc;

use signing::Signer;
use signing::signer::Registered;
use tokio::task::JoinSet;
use verify::keyring::{Keyring, State};
use verify::{Kid, Micros, Usage};

use crate::config::problem::{ConfigError, Problem, Problems};
use crate::config::signing::{Key, Signing};
use crate::config::{Settings, TrustedKeyring};

use config::Wanted;
pub(crate) use emergency::Emergency;

/// What signs, each tested.
#[derive(Debug)]
pub(crate) struct Connected {
    /// Keys of seals: the regular one, the one to come, that of an emergency. The registry says
    /// which of them seals.
    pub(crate) seals: Vec<Arc<Signer>>,
    /// The key of checkpoints.
    pub(crate) checkpoint: Option<Arc<Signer>>,
    /// The key of export bundles.
    pub(crate) bundle: Option<Arc<Signer>>,
    /// The emergency, if one is declared.
    pub(crate) emergency: Option<Emergency>,
}

/// Which place of [`Connected`] a signer takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Role {
    Seal,
    Checkpoint,
    Bundle,
}

/// A key that is to be connected.
struct Task {
    role: Role,
    kid: Kid,
    registered: Registered,
    wanted: Wanted,
    place: String,
}

/// Connects everything that `settings` name; nothing, where development seals nothing. `newest` is
/// the registry of the chain, where there is one.
///
/// # Errors
/// All that is wrong: exit with [`crate::exit::Exit::Configuration`].
pub(crate) async fn connect(
    settings: &Settings,
    newest: Option<&Keyring>,
    now: Micros,
) -> Result<Option<Connected>, ConfigError> {
    let Some(signing) = settings.profile.signing() else {
        return Ok(None);
    };
    let mut problems = Problems::default();
    let connected = connect_all(&signing, newest, now, &mut problems).await;
    let problems = problems.into_vec();
    match connected {
        Some(connected) if problems.is_empty() => Ok(Some(connected)),
        _ => Err(ConfigError {
            file: settings.file.clone(),
            problems,
        }),
    }
}

/// What would be refused if the chain has no newer registry than the one that `settings` name:
/// without asking anybody.
pub(crate) fn foresee(settings: &Settings) -> Vec<Problem> {
    let mut problems = Problems::default();
    if let Some(signing) = settings.profile.signing() {
        tasks(&signing, &signing.sealing.keyring.keyring, &mut problems);
    }
    problems.into_vec()
}

async fn connect_all(
    signing: &Signing<Key>,
    newest: Option<&Keyring>,
    now: Micros,
    problems: &mut Problems,
) -> Option<Connected> {
    let keyring = problems.keep(newer(&signing.sealing.keyring, newest))?;
    let tasks = tasks(signing, keyring, problems);
    let mut connected = Connected {
        seals: Vec::new(),
        checkpoint: None,
        bundle: None,
        emergency: None,
    };
    if signing.emergency.is_some()
        && let Some(signer) = untested(signing, keyring).await
    {
        connected.put(Role::Seal, signer);
    }
    let mut tests = JoinSet::new();
    for task in tasks {
        tests.spawn(async move { (task.role, test(task).await) });
    }
    while let Some(tested) = tests.join_next().await {
        // A test that panicked is a fault of ours, and nothing is connected.
        let (role, signer) = tested.ok()?;
        if let Some(signer) = problems.keep(signer) {
            connected.put(role, signer);
        }
    }
    if let Some(declared) = &signing.emergency {
        let approved = emergency::connect(declared, &signing.sealing, keyring, now).await;
        let (emergency, signer) = problems.keep(approved)?;
        connected.put(Role::Seal, signer);
        connected.emergency = Some(emergency);
    }
    Some(connected)
}

impl Connected {
    fn put(&mut self, role: Role, signer: Signer) {
        let signer = Arc::new(signer);
        match role {
            Role::Seal => self.seals.push(signer),
            Role::Checkpoint => self.checkpoint = Some(signer),
            Role::Bundle => self.bundle = Some(signer),
        }
    }
}

/// The newer of the registry that the configuration names and the one of the chain.
fn newer<'a>(
    named: &'a TrustedKeyring,
    newest: Option<&'a Keyring>,
) -> Result<&'a Keyring, Problem> {
    let file = &named.keyring;
    let Some(newest) = newest.filter(|newest| newest.serial() >= file.serial()) else {
        return Ok(file);
    };
    let is_same = newest.serial() == file.serial();
    if is_same
        && newest
            .keys()
            .map(|key| &key.kid)
            .ne(file.keys().map(|key| &key.kid))
    {
        let fault = format!("serial `{}` is another keyring in the chain", file.serial());
        let advice = "name the keyring that `ledgerctl signers export` writes for this chain";
        return Err(Problem::of_file(
            "signing.keyring",
            &named.file,
            fault,
            advice,
        ));
    }
    Ok(newest)
}

/// What is to be connected, each found in the registry.
fn tasks(signing: &Signing<Key>, keyring: &Keyring, problems: &mut Problems) -> Vec<Task> {
    let is_active = |key: &Key| {
        let entry = keyring.key(key.kid());
        entry.is_some_and(|entry| entry.state == State::Active)
    };
    let next_seals = signing.next.as_ref().is_some_and(is_active);
    let is_emergency = signing.emergency.is_some();
    let seals: &[State] = if next_seals {
        &[State::Active, State::Retiring]
    } else {
        &[State::Active]
    };
    let to_come: &[State] = &[State::Candidate, State::Active, State::Retiring];
    let (seal, next) = (Some(&signing.seal), signing.next.as_ref());
    let (checkpoint, bundle) = (signing.checkpoint.as_ref(), signing.bundle.as_ref());
    let active: &[State] = &[State::Active];
    let asked = [
        // While another key seals, the regular one may well be out of reach: it is not tested.
        (
            seal.filter(|_| !is_emergency),
            "signing.seal",
            Usage::Seal,
            seals,
        ),
        (next, "signing.next", Usage::Seal, to_come),
        (checkpoint, "signing.checkpoint", Usage::Checkpoint, active),
        (bundle, "signing.bundle", Usage::Bundle, active),
    ];
    let signers = signing.sealing.kernel_signers.as_ref();
    let mut tasks = Vec::new();
    for (key, place, usage, states) in asked {
        let Some(key) = key else { continue };
        let found = registered::find(key, place, usage, states, keyring)
            .and_then(|registered| registered::published(key, place, &registered, signers, usage));
        let wanted = config::wanted(key, place);
        let (Some(registered), Some(wanted)) = (problems.keep(found), problems.keep(wanted)) else {
            continue;
        };
        tasks.push(Task {
            role: match usage {
                Usage::Checkpoint => Role::Checkpoint,
                Usage::Bundle => Role::Bundle,
                _ => Role::Seal,
            },
            kid: key.kid().clone(),
            registered,
            wanted,
            place: config::place(key, place),
        });
    }
    tasks
}

/// The regular key while another one seals: rows in flight may still wait for its signature.
async fn untested(signing: &Signing<Key>, keyring: &Keyring) -> Option<Signer> {
    let (key, place) = (&signing.seal, "signing.seal");
    let states = [State::Active, State::Retiring];
    let registered = registered::find(key, place, Usage::Seal, &states, keyring).ok()?;
    let wanted = config::wanted(key, place).ok()?;
    wanted.connect(key.kid().clone(), registered).await.ok()
}

/// Connects a signer and has it sign something that means nothing.
async fn test(task: Task) -> Result<Signer, Problem> {
    let Task {
        kid,
        registered,
        wanted,
        place,
        ..
    } = task;
    let signer = wanted.connect(kid, registered).await;
    let signer = signer.map_err(|error| config::problem(&place, &error))?;
    let tested = signer.self_test().await;
    tested.map_err(|error| config::problem(&place, &error))?;
    Ok(signer)
}
