//! Where keys and certificates come from: what was made for development has no way into production.

/// Something that may have been made for development.
pub trait Provenance {
    /// The part of it that carries the development mark, if one does.
    fn development_mark(&self) -> Option<&'static str>;
}

/// Something that was not made for development. There is no other way to one than [`Issued::of`].
#[derive(Debug)]
pub struct Issued<T>(T);

impl<T: Provenance> Issued<T> {
    /// Takes `value` unless it carries the development mark; else the part that does.
    pub fn of(value: T) -> Result<Self, &'static str> {
        match value.development_mark() {
            Some(part) => Err(part),
            None => Ok(Self(value)),
        }
    }

    /// What it is.
    pub fn get(&self) -> &T {
        &self.0
    }
}
