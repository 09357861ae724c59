//! A process that compiles one component and ends.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::thread;
use std::time::Duration;

use crossbeam::channel::{self, RecvTimeoutError};
use rustix::process::{Resource, Rlimit, Signal};

use super::{Artifact, COMPILED, METERED, PLAIN, REFUSED};
use crate::limits;
use crate::load::LoadError;

/// Sets this process's limits, which it cannot raise again.
pub(super) fn limit_self() -> io::Result<()> {
    let set = |resource, soft, hard| {
        let limit = Rlimit {
            current: Some(soft),
            maximum: Some(hard),
        };
        rustix::process::setrlimit(resource, limit)
    };
    let (bytes, seconds) = (limits::COMPILE_BYTES_MAX, limits::COMPILE_CPU_SECONDS_MAX);
    set(Resource::As, bytes, bytes)?;
    set(Resource::Cpu, seconds, seconds + 1)?;
    set(Resource::Core, 0, 0)?;
    Ok(())
}

/// Compiles in a child, which is killed when it takes longer than `time`.
pub(super) fn compile(
    program: &Path,
    args: &[OsString],
    metered: bool,
    component: &[u8],
    time: Duration,
) -> Result<Artifact, LoadError> {
    let mut child = Command::new(program)
        .args(args)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| broken("starting the compiler", &error))?;
    let answer = match (child.stdin.take(), child.stdout.take()) {
        (Some(stdin), Some(stdout)) => converse((stdin, stdout), metered, component, time),
        _ => Err(LoadError::Compile("the compiler has no pipes".to_owned())),
    };
    let status = end(&mut child, answer.is_ok())?;
    understand(&answer?, status)
}

/// Says what is to be compiled and listens to the end. Both in threads of their own, since a pipe
/// holds less than a component, and since only a channel can be waited for with a limit.
fn converse(
    (mut stdin, stdout): (ChildStdin, ChildStdout),
    metered: bool,
    component: &[u8],
    time: Duration,
) -> Result<Vec<u8>, LoadError> {
    let (heard, hears) = channel::bounded(1);
    let question: Box<[u8]> = [&[if metered { METERED } else { PLAIN }], component]
        .concat()
        .into();
    let spawn = |name: &str, body: Box<dyn FnOnce() + Send>| {
        thread::Builder::new()
            .name(name.to_owned())
            .spawn(body)
            .map(drop)
            .map_err(|error| broken("starting a thread", &error))
    };
    spawn(
        "compile-ask",
        Box::new(move || {
            // A child that stops listening says so by what it answers, or how it ends.
            drop(stdin.write_all(&question));
        }),
    )?;
    spawn(
        "compile-hear",
        Box::new(move || {
            let mut answer = Vec::new();
            let most = limits::ARTIFACT_BYTES_MAX as u64 + 1;
            let result = stdout.take(most).read_to_end(&mut answer).map(|_| answer);
            drop(heard.send(result));
        }),
    )?;
    match hears.recv_timeout(time) {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => Err(broken("hearing the compiler", &error)),
        Err(RecvTimeoutError::Timeout) => Err(LoadError::CompileTimedOut),
        Err(RecvTimeoutError::Disconnected) => {
            Err(LoadError::Compile("the compiler was not heard".to_owned()))
        }
    }
}

/// Ends the child. One that has said everything is given a moment to end by itself, so that the way
/// it ends can be told.
fn end(child: &mut Child, is_done: bool) -> Result<ExitStatus, LoadError> {
    let failed = |error| broken("ending the compiler", &error);
    let moments = if is_done { 2_000 } else { 0 };
    for _ in 0..moments {
        if let Some(status) = child.try_wait().map_err(failed)? {
            return Ok(status);
        }
        thread::sleep(Duration::from_millis(1));
    }
    child.kill().map_err(failed)?;
    child.wait().map_err(failed)
}

/// What the child said, if it ended well; else what its end means.
fn understand(answer: &[u8], status: ExitStatus) -> Result<Artifact, LoadError> {
    let signal = status.signal().and_then(Signal::from_named_raw);
    match signal {
        Some(Signal::XCPU | Signal::KILL) => return Err(LoadError::CompileTimedOut),
        // An allocation that fails aborts.
        Some(Signal::ABORT) => return Err(LoadError::CompileOutOfMemory),
        _ if status.success() => {}
        _ => {
            return Err(LoadError::Compile(format!(
                "the compiler ended with {status}"
            )));
        }
    }
    match answer.split_first() {
        _ if answer.len() > limits::ARTIFACT_BYTES_MAX => Err(LoadError::TooComplex {
            what: "bytes of machine code",
            count: answer.len() as u64,
            most: limits::ARTIFACT_BYTES_MAX as u64,
        }),
        Some((&COMPILED, artifact)) => Ok(Artifact(artifact.to_vec())),
        Some((&REFUSED, problem)) => {
            let problem = String::from_utf8_lossy(problem).into_owned();
            Err(LoadError::Compile(problem))
        }
        _ => Err(LoadError::Compile("the compiler said nothing".to_owned())),
    }
}

fn broken(doing: &str, error: &io::Error) -> LoadError {
    LoadError::Compile(format!("{doing} failed: {error}"))
}

#[cfg(test)]
mod tests;
