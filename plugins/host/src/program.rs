//! A compiled component: shared by every policy that is made of it.

use ledger::Digest;
use wasmtime::Engine;
use wasmtime::component::{Component, ComponentExportIndex, InstancePre, Linker};

use crate::contract::{EXPORT, VERSION};
use crate::load::LoadError;
use crate::usage::Usage;

/// A compiled component whose shape has been looked at.
pub(crate) struct Program {
    digest: Digest,
    pub(crate) pre: InstancePre<Usage>,
    pub(crate) exports: Exports,
}

/// Where the functions of the contract are.
pub(crate) struct Exports {
    pub(crate) init: ComponentExportIndex,
    pub(crate) describe: ComponentExportIndex,
    pub(crate) evaluate: ComponentExportIndex,
    pub(crate) explain: ComponentExportIndex,
}

impl Program {
    /// The program that `component` is.
    ///
    /// # Errors
    /// It wants something from outside, or a function of the contract is missing.
    pub(crate) fn new(
        engine: &Engine,
        component: &Component,
        digest: Digest,
    ) -> Result<Self, LoadError> {
        // INVARIANT: nothing is ever defined in this linker, so a guest can reach nothing.
        let linker = Linker::new(engine);
        let pre = linker
            .instantiate_pre(component)
            .map_err(|error| LoadError::Import(format!("{error:#}")))?;
        let policy = component
            .get_export_index(None, format!("{EXPORT}@{VERSION}"))
            .ok_or_else(|| LoadError::WrongWorld {
                exports: Vec::new(),
            })?;
        let function = |name: &'static str| {
            component
                .get_export_index(Some(&policy), name)
                .ok_or_else(|| LoadError::WrongType {
                    function: name,
                    problem: "missing".to_owned(),
                })
        };
        let exports = Exports {
            init: function("init")?,
            describe: function("describe")?,
            evaluate: function("evaluate")?,
            explain: function("explain")?,
        };
        Ok(Self {
            digest,
            pre,
            exports,
        })
    }

    /// SHA-256 of the component.
    pub(crate) fn digest(&self) -> Digest {
        self.digest
    }
}

impl std::fmt::Debug for Program {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Program({})", self.digest)
    }
}
