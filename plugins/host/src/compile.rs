//! Compiling a component, within limits.
//!
//! A compiler is the part of a sandbox that hostile bytes reach first, and its time and memory
//! depend on them. Where components come from others, it runs in a child process.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::path::PathBuf;

use wasmtime::Engine;
use wasmtime::component::Component;

use crate::engine::{self, Room};
use crate::limits;
use crate::load::LoadError;

mod child;

/// How components are compiled.
#[derive(Clone, Default, Debug)]
pub enum Compiler {
    /// On the calling thread, without limits of time and memory: for components that are trusted,
    /// and for tools.
    #[default]
    InProcess,
    /// In a process of its own, which runs [`serve`].
    Child {
        /// The executable: our own.
        program: PathBuf,
        /// What it is started with, so that it serves.
        args: Vec<OsString>,
    },
}

impl Compiler {
    /// Compiles a component whose digest and shape have been checked.
    pub(crate) fn compile(
        &self,
        engine: &Engine,
        metered: bool,
        component: &[u8],
    ) -> Result<Component, LoadError> {
        match self {
            Self::InProcess => Component::from_binary(engine, component).map_err(refused),
            Self::Child { program, args } => {
                let artifact =
                    child::compile(program, args, metered, component, limits::COMPILE_TIME_MAX)?;
                deserialize(engine, &artifact)
            }
        }
    }
}

/// Makes what another process has compiled runnable in this one.
#[expect(
    unsafe_code,
    reason = "there is no other way to take code from another process"
)]
fn deserialize(engine: &Engine, artifact: &Artifact) -> Result<Component, LoadError> {
    // SAFETY: the bytes are machine code, which runs as it stands. They come from `child::compile`
    // alone, the only maker of an `Artifact`: it started our own executable in this very call, and
    // read them from the pipe that nobody else has an end of. They never lay in a file. That they
    // were made by the same version and for this machine is checked by the callee.
    unsafe { Component::deserialize(engine, &artifact.0) }.map_err(refused)
}

/// What a child process has compiled.
struct Artifact(Vec<u8>);

fn refused(error: wasmtime::Error) -> LoadError {
    LoadError::Compile(format!("{error:#}"))
}

/// First byte of what a child is told: whether instructions are counted.
const PLAIN: u8 = 0;
const METERED: u8 = 1;
/// First byte of what a child answers.
const COMPILED: u8 = 0;
const REFUSED: u8 = 1;

/// Reads a component, compiles it and writes the result: the body of the process that
/// [`Compiler::Child`] starts. It limits its own memory and time first, for good, so it is called
/// by nothing else.
///
/// # Errors
/// Limits cannot be set, or reading or writing failed.
pub fn serve(input: &mut dyn Read, output: &mut dyn Write) -> io::Result<()> {
    child::limit_self()?;
    let mut bytes = Vec::new();
    let most = limits::COMPONENT_BYTES_MAX as u64 + 1;
    input.take(most).read_to_end(&mut bytes)?;
    let compiled = match bytes.split_first() {
        Some((&PLAIN, component)) => precompile(false, component),
        Some((&METERED, component)) => precompile(true, component),
        _ => Err(wasmtime::Error::msg("nothing to compile")),
    };
    match compiled {
        Ok(artifact) => {
            output.write_all(&[COMPILED])?;
            output.write_all(&artifact)?;
        }
        Err(error) => {
            output.write_all(&[REFUSED])?;
            output.write_all(format!("{error:#}").as_bytes())?;
        }
    }
    output.flush()
}

fn precompile(metered: bool, component: &[u8]) -> wasmtime::Result<Vec<u8>> {
    engine::new(metered, Room::None)?.precompile_component(component)
}
