//! What flags and variables say, before anybody looks at what it means.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

use secrecy::SecretString;

use super::name::Name;

/// Whose words they are, the one that counts most first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Way {
    /// A flag of the command line.
    Flag,
    /// A flag that names a file with the secret.
    FlagFile,
    /// A variable.
    Variable,
    /// A variable that names a file with the secret.
    VariableFile,
}

/// The words themselves. Whatever they are about, they are not shown before it is known.
#[derive(Clone, Debug)]
pub(crate) enum Words {
    /// Text.
    Text(SecretString),
    /// Where the text is.
    File(PathBuf),
    /// Bytes that are no text.
    Unreadable,
}

/// Everything that flags and variables say.
#[derive(Clone, Debug, Default)]
pub(crate) struct Given(BTreeMap<(Name, Way), Words>);

impl Way {
    /// What a person calls `name` given this way.
    pub(crate) fn call(self, name: Name) -> String {
        match self {
            Self::Flag => format!("--{}", name.flag()),
            Self::FlagFile => format!("--{}", name.file_flag()),
            Self::Variable => name.variable().to_owned(),
            Self::VariableFile => name.file_variable().to_owned(),
        }
    }

    const fn is_file(self) -> bool {
        matches!(self, Self::FlagFile | Self::VariableFile)
    }
}

impl Given {
    /// Notes what was said; nothing at all and blanks are nothing said.
    pub(crate) fn add(&mut self, name: Name, way: Way, said: Option<OsString>) {
        let Some(said) = said else {
            return;
        };
        let words = match said.into_string() {
            Ok(text) if text.trim().is_empty() => return,
            Ok(text) if way.is_file() => Words::File(text.into()),
            Ok(text) => Words::Text(text.into()),
            Err(_) => Words::Unreadable,
        };
        self.0.insert((name, way), words);
    }

    /// What was said about `name`, the one that counts most first.
    pub(crate) fn about(&self, name: Name) -> impl Iterator<Item = (Way, &Words)> {
        let about = self.0.iter().filter(move |((other, _), _)| *other == name);
        about.map(|((_, way), words)| (*way, words))
    }

    /// Secrets that stand on the command line, where every user of the machine may read them.
    pub(crate) fn exposed(&self) -> impl Iterator<Item = Name> {
        let is_exposed = |(name, way): &&(Name, Way)| name.is_secret() && *way == Way::Flag;
        self.0.keys().filter(is_exposed).map(|(name, _)| *name)
    }
}
