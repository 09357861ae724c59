//! How messages are laid out, as data: the tables of `docs/protocol.md` are made from it, so that
//! they cannot differ from what is encoded.

/// One field of a message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FieldLayout {
    /// Its name.
    pub name: &'static str,
    /// Its type, as the document names it.
    pub kind: String,
    /// Bytes it takes, if that does not depend on its value.
    pub bytes: Option<usize>,
    /// What it means.
    pub meaning: &'static str,
}

/// A message or a part of one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TypeLayout {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub meaning: &'static str,
    /// Its fields in the order in which they are encoded.
    pub fields: Vec<FieldLayout>,
}

/// A type whose layout is a row of fields.
pub trait Layout {
    /// The layout.
    fn layout() -> TypeLayout;
}
