//! The shape of a component, looked at before the compiler is let near it.
//!
//! The compiler's time and memory grow with functions, bodies and locals, so these are counted
//! first; what it wants from outside and what it gives is read here too.

use wasmparser::{Encoding, Parser, Payload, WasmFeatures};

use crate::contract::{EXPORT, VERSION};
use crate::limits;
use crate::load::LoadError;

/// Looks at the shape of a component.
///
/// # Errors
/// It is none, is larger than it may be, wants something from outside, or is no policy of a
/// version that is spoken here.
pub(crate) fn check(component: &[u8]) -> Result<(), LoadError> {
    if !component.starts_with(b"\0asm") {
        return Err(LoadError::Malformed("no WebAssembly at all".to_owned()));
    }
    let mut shape = Shape::default();
    let mut parser = Parser::new(0);
    parser.set_features(WasmFeatures::all());
    for payload in parser.parse_all(component) {
        shape.take(payload.map_err(malformed)?)?;
    }
    if shape.open != 0 {
        return Err(LoadError::Malformed("cut off".to_owned()));
    }
    shape.world()
}

fn malformed(error: wasmparser::BinaryReaderError) -> LoadError {
    LoadError::Malformed(error.to_string())
}

/// What has been counted.
#[derive(Default)]
struct Shape {
    /// Modules and components that have begun and not ended.
    open: u64,
    nested: u64,
    functions: u64,
    types: u64,
    items: u64,
    segments: u64,
    locals: u64,
    code_bytes: u64,
    exports: Vec<String>,
}

impl Shape {
    fn take(&mut self, payload: Payload<'_>) -> Result<(), LoadError> {
        use Payload as P;
        match payload {
            P::Version { encoding, .. } => {
                if self.open == 0 && encoding == Encoding::Module {
                    return Err(LoadError::NotAComponent);
                }
                self.open += 1;
                most("nested modules", &mut self.nested, 1, limits::NESTED_MAX)
            }
            P::End(_) => {
                self.open = self.open.saturating_sub(1);
                Ok(())
            }
            P::ComponentImportSection(imports) if self.open == 1 => {
                match imports.into_iter().next() {
                    Some(import) => {
                        let name = import.map_err(malformed)?.name.name.to_owned();
                        Err(LoadError::Import(name))
                    }
                    None => Ok(()),
                }
            }
            P::ComponentExportSection(exports) if self.open == 1 => {
                self.items(exports.count())?;
                for export in exports {
                    let export = export.map_err(malformed)?;
                    self.exports.push(export.name.name.to_owned());
                }
                Ok(())
            }
            P::FunctionSection(functions) => {
                let count = u64::from(functions.count());
                most(
                    "functions",
                    &mut self.functions,
                    count,
                    limits::FUNCTIONS_MAX,
                )
            }
            P::CodeSectionEntry(body) => self.body(&body),
            P::TableSection(tables) => {
                self.items(tables.count())?;
                for table in tables {
                    let elements = table.map_err(malformed)?.ty.initial;
                    at_most(
                        "elements in one table",
                        elements,
                        limits::TABLE_ELEMENTS_MAX as u64,
                    )?;
                }
                Ok(())
            }
            P::MemorySection(memories) => {
                self.items(memories.count())?;
                for memory in memories {
                    let pages = memory.map_err(malformed)?.initial;
                    at_most("pages of memory", pages, limits::MEMORY_BYTES_MAX >> 16)?;
                }
                Ok(())
            }
            other => self.take_counted(&other),
        }
    }

    /// What is only counted.
    fn take_counted(&mut self, payload: &Payload<'_>) -> Result<(), LoadError> {
        use Payload as P;
        match payload {
            P::TypeSection(section) => self.types(section.count()),
            P::CoreTypeSection(section) => self.types(section.count()),
            P::ComponentTypeSection(section) => self.types(section.count()),
            P::ImportSection(section) => self.items(section.count()),
            P::GlobalSection(section) => self.items(section.count()),
            P::ExportSection(section) => self.items(section.count()),
            P::InstanceSection(section) => self.items(section.count()),
            P::ComponentInstanceSection(section) => self.items(section.count()),
            P::ComponentAliasSection(section) => self.items(section.count()),
            P::ComponentCanonicalSection(section) => self.items(section.count()),
            P::ComponentImportSection(section) => self.items(section.count()),
            P::ComponentExportSection(section) => self.items(section.count()),
            P::ElementSection(section) => self.segments(section.count()),
            P::DataSection(section) => self.segments(section.count()),
            P::UnknownSection { id, .. } => {
                Err(LoadError::Malformed(format!("unknown section `{id}`")))
            }
            _ => Ok(()),
        }
    }

    fn types(&mut self, count: u32) -> Result<(), LoadError> {
        most("types", &mut self.types, count.into(), limits::TYPES_MAX)
    }

    fn items(&mut self, count: u32) -> Result<(), LoadError> {
        let what = "imports, exports, instances and globals";
        most(what, &mut self.items, count.into(), limits::ITEMS_MAX)
    }

    fn segments(&mut self, count: u32) -> Result<(), LoadError> {
        most(
            "segments",
            &mut self.segments,
            count.into(),
            limits::SEGMENTS_MAX,
        )
    }

    fn body(&mut self, body: &wasmparser::FunctionBody<'_>) -> Result<(), LoadError> {
        let bytes = body.range().len() as u64;
        at_most("bytes in one function", bytes, limits::BODY_BYTES_MAX)?;
        most(
            "bytes of code",
            &mut self.code_bytes,
            bytes,
            limits::CODE_BYTES_MAX,
        )?;
        let mut own = 0;
        for local in body.get_locals_reader().map_err(malformed)? {
            let (count, _) = local.map_err(malformed)?;
            most(
                "locals in one function",
                &mut own,
                count.into(),
                limits::BODY_LOCALS_MAX,
            )?;
        }
        most("locals", &mut self.locals, own, limits::LOCALS_MAX)
    }

    /// Whether it is a policy, of a version that is spoken here. What else it exports is never
    /// called.
    fn world(self) -> Result<(), LoadError> {
        let prefix = format!("{EXPORT}@");
        let versions: Vec<&str> = self
            .exports
            .iter()
            .filter_map(|name| name.strip_prefix(&prefix))
            .collect();
        if versions.contains(&VERSION) {
            return Ok(());
        }
        match versions.first() {
            None => Err(LoadError::WrongWorld {
                exports: self.exports,
            }),
            Some(version) => Err(match (parts(version), parts(VERSION)) {
                (Some(theirs), Some(ours)) if theirs < ours => {
                    LoadError::ContractTooOld((*version).to_owned())
                }
                _ => LoadError::ContractUnknown((*version).to_owned()),
            }),
        }
    }
}

/// Adds to a count that may not pass `limit`.
fn most(what: &'static str, count: &mut u64, more: u64, limit: u64) -> Result<(), LoadError> {
    *count = count.saturating_add(more);
    if *count > limit {
        return Err(LoadError::TooComplex {
            what,
            count: *count,
            most: limit,
        });
    }
    Ok(())
}

/// A number that may not pass `limit`.
fn at_most(what: &'static str, count: u64, limit: u64) -> Result<(), LoadError> {
    most(what, &mut 0, count, limit)
}

/// The three numbers of a version.
fn parts(version: &str) -> Option<[u32; 3]> {
    let mut numbers = version.split('.').map(|part| part.parse().ok());
    let parts = [numbers.next()??, numbers.next()??, numbers.next()??];
    numbers.next().is_none().then_some(parts)
}

#[cfg(test)]
mod tests;
