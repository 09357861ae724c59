//! Policies that are being written: their folders, what they begin as, and how they are tried.

pub(crate) mod batch;
pub(crate) mod project;
pub(crate) mod template;
pub(crate) mod trial;

pub(crate) use project::Project;
pub(crate) use trial::{Meter, Trial};

#[cfg(test)]
mod tests;
