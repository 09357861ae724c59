//! Licences of everything that is compiled in.

use super::finding::Finding;
use super::workspace::Dependency;

/// Terms that ask for no more than a notice. The exception is part of the name.
const ALLOWED: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-1-Clause",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "OpenSSL",
    "Unicode-3.0",
    "Unicode-DFS-2016",
    "Unlicense",
    "Zlib",
];

/// Every crate whose licence cannot be met from the allow-list.
pub(crate) fn check(tree: &[Dependency]) -> Vec<Finding> {
    tree.iter()
        .filter_map(|dependency| {
            let problem = match dependency.licence.as_deref() {
                None => "names no licence".to_owned(),
                Some(licence) => match Expression::parse(licence) {
                    None => format!("has a licence expression `{licence}` that cannot be read"),
                    Some(expression) if expression.is_met() => return None,
                    Some(_) => format!("is under `{licence}`, which is not in the allow-list"),
                },
            };
            let name = format!("{} {}", dependency.name, dependency.version);
            Some(Finding::about(&name, problem))
        })
        .collect()
}

/// An SPDX expression. `/` is what manifests wrote before SPDX, for `OR`.
#[derive(Debug, PartialEq, Eq)]
enum Expression {
    Licence(String),
    All(Vec<Expression>),
    Any(Vec<Expression>),
}

impl Expression {
    fn parse(text: &str) -> Option<Self> {
        let spaced = text
            .replace('(', " ( ")
            .replace(')', " ) ")
            .replace('/', " OR ");
        let mut words = spaced.split_whitespace().peekable();
        let expression = Self::any(&mut words)?;
        words.next().is_none().then_some(expression)
    }

    fn any<'a>(words: &mut Words<'a, impl Iterator<Item = &'a str>>) -> Option<Self> {
        let mut parts = vec![Self::all(words)?];
        while words.next_if_eq(&"OR").is_some() {
            parts.push(Self::all(words)?);
        }
        Some(Self::Any(parts))
    }

    fn all<'a>(words: &mut Words<'a, impl Iterator<Item = &'a str>>) -> Option<Self> {
        let mut parts = vec![Self::one(words)?];
        while words.next_if_eq(&"AND").is_some() {
            parts.push(Self::one(words)?);
        }
        Some(Self::All(parts))
    }

    fn one<'a>(words: &mut Words<'a, impl Iterator<Item = &'a str>>) -> Option<Self> {
        match words.next()? {
            "(" => {
                let inner = Self::any(words)?;
                words.next_if_eq(&")").map(|_| inner)
            }
            ")" | "OR" | "AND" | "WITH" => None,
            name => match words.next_if_eq(&"WITH") {
                None => Some(Self::Licence(name.to_owned())),
                Some(_) => Some(Self::Licence(format!("{name} WITH {}", words.next()?))),
            },
        }
    }

    fn is_met(&self) -> bool {
        match self {
            Self::Licence(name) => ALLOWED.contains(&name.as_str()),
            Self::All(parts) => parts.iter().all(Self::is_met),
            Self::Any(parts) => parts.iter().any(Self::is_met),
        }
    }
}

type Words<'a, I> = std::iter::Peekable<I>;
