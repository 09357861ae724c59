//! What a component wants and gives, for people: read as far as it can be, whatever it is.

use wasmparser::{Parser, Payload, WasmFeatures};

use crate::contract::EXPORT;

/// What a component wants and gives. Nothing here is checked: that is what loading does.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Outline {
    /// Names of what it wants from outside: nothing, for a policy.
    pub imports: Vec<String>,
    /// Names of what it gives.
    pub exports: Vec<String>,
    /// Version of the contract that it was made for.
    pub contract: Option<String>,
    /// Functions in all of its modules.
    pub functions: u64,
    /// Where it could be read no further, and why.
    pub problem: Option<String>,
}

/// Most names that are listed: no policy has as many.
const NAMES_MAX: usize = 64;

impl Outline {
    /// Reads what can be read.
    pub fn of(component: &[u8]) -> Self {
        let mut outline = Self::default();
        if let Err(error) = outline.read(component) {
            outline.problem = Some(error.to_string());
        }
        let prefix = format!("{EXPORT}@");
        let mut exports = outline.exports.iter();
        outline.contract = exports.find_map(|name| Some(name.strip_prefix(&prefix)?.to_owned()));
        outline
    }

    fn read(&mut self, component: &[u8]) -> Result<(), wasmparser::BinaryReaderError> {
        let mut parser = Parser::new(0);
        parser.set_features(WasmFeatures::all());
        let mut open = 0_u32;
        for payload in parser.parse_all(component) {
            match payload? {
                Payload::Version { .. } => open += 1,
                Payload::End(_) => open = open.saturating_sub(1),
                Payload::ComponentImportSection(section) if open == 1 => {
                    for import in section {
                        push(&mut self.imports, import?.name.name);
                    }
                }
                Payload::ComponentExportSection(section) if open == 1 => {
                    for export in section {
                        push(&mut self.exports, export?.name.name);
                    }
                }
                // A module of the core language, which is no component.
                Payload::ImportSection(section) if open == 1 => {
                    for import in section.into_imports() {
                        push(&mut self.imports, import?.module);
                    }
                }
                Payload::FunctionSection(section) => self.functions += u64::from(section.count()),
                _ => {}
            }
        }
        Ok(())
    }
}

fn push(names: &mut Vec<String>, name: &str) {
    if names.len() < NAMES_MAX && names.last().is_none_or(|last| last != name) {
        names.push(name.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A component without anything in it.
    const EMPTY: &[u8] = b"\0asm\x0d\0\x01\0";

    #[test]
    fn what_is_no_component_is_shown_as_far_as_it_goes() {
        assert_eq!(Outline::of(EMPTY), Outline::default());
        for bytes in [&b""[..], b"\0asm", b"what", &EMPTY[..7]] {
            assert!(Outline::of(bytes).problem.is_some(), "{bytes:?}");
        }
    }
}
