//! Templates: text with the values of columns in it, such as `customer:{account_id}`.

use std::fmt;

/// Text with the values of columns in it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Template<C> {
    parts: Vec<Part<C>>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Part<C> {
    Text(String),
    Column(C),
}

/// Why text is not a template.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum TemplateError {
    /// It is empty.
    Empty,
    /// A `{` stays open, or holds nothing.
    Open,
    /// A `}` closes nothing.
    Closed,
}

impl Template<String> {
    /// Parses a template. `{{` and `}}` stand for themselves.
    pub(crate) fn parse(text: &str) -> Result<Self, TemplateError> {
        if text.is_empty() {
            return Err(TemplateError::Empty);
        }
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            let (before, mark) = rest.split_at(at);
            literal.push_str(before);
            if let Some(after) = mark.strip_prefix("{{") {
                literal.push('{');
                rest = after;
            } else if let Some(after) = mark.strip_prefix("}}") {
                literal.push('}');
                rest = after;
            } else if let Some(after) = mark.strip_prefix('{') {
                let (column, after) = after.split_once('}').ok_or(TemplateError::Open)?;
                if column.is_empty() || column.contains('{') {
                    return Err(TemplateError::Open);
                }
                if !literal.is_empty() {
                    parts.push(Part::Text(std::mem::take(&mut literal)));
                }
                parts.push(Part::Column(column.to_owned()));
                rest = after;
            } else {
                return Err(TemplateError::Closed);
            }
        }
        literal.push_str(rest);
        if !literal.is_empty() {
            parts.push(Part::Text(literal));
        }
        Ok(Self { parts })
    }

    /// The same template over what `find` gives for each column.
    pub(crate) fn bind<E>(
        &self,
        mut find: impl FnMut(&str) -> Result<usize, E>,
    ) -> Result<Template<usize>, E> {
        let bound = self.parts.iter().map(|part| {
            Ok(match part {
                Part::Text(text) => Part::Text(text.clone()),
                Part::Column(column) => Part::Column(find(column)?),
            })
        });
        Ok(Template {
            parts: bound.collect::<Result<_, E>>()?,
        })
    }
}

impl Template<usize> {
    /// The text for the values of a row, and the column that has none: an account `customer:` or a
    /// reference without its number would be one for all such rows.
    pub(crate) fn fill(&self, values: &[String]) -> Result<String, usize> {
        let mut text = String::new();
        for part in &self.parts {
            match part {
                Part::Text(literal) => text.push_str(literal),
                Part::Column(at) => match values.get(*at) {
                    Some(value) if !value.is_empty() => text.push_str(value),
                    _ => return Err(*at),
                },
            }
        }
        Ok(text)
    }
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "empty; write text with columns in braces, such as `customer:{id}`",
            Self::Open => "a `{` names no column; close it, or write `{{` for the brace itself",
            Self::Closed => "a `}` closes nothing; write `}}` for the brace itself",
        })
    }
}

impl std::error::Error for TemplateError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(text: &str, values: &[&str]) -> Result<String, usize> {
        let values: Vec<String> = values.iter().map(|value| (*value).to_owned()).collect();
        let columns = ["a", "b"];
        let find = |name: &str| columns.iter().position(|column| *column == name).ok_or(());
        let bound = Template::parse(text).unwrap().bind(find).unwrap();
        bound.fill(&values)
    }

    #[test]
    fn columns_stand_for_their_values() {
        let rows = [
            ("cash", "cash"),
            ("{a}", "1"),
            ("x:{a}/{b}:y", "x:1/2:y"),
            ("{{{a}}}", "{1}"),
        ];
        for (template, text) in rows {
            assert_eq!(
                fill(template, &["1", "2"]).as_deref(),
                Ok(text),
                "{template}"
            );
        }
    }

    #[test]
    fn a_column_without_a_value_is_named() {
        assert_eq!(fill("{a}-{b}", &["1", ""]), Err(1));
        assert_eq!(fill("{b}", &["1"]), Err(1));
    }

    #[test]
    fn what_is_no_template_is_refused() {
        use TemplateError::{Closed, Empty, Open};
        let rows = [
            ("", Empty),
            ("{", Open),
            ("x{a", Open),
            ("{}", Open),
            ("{a{b}}", Open),
            ("a}", Closed),
        ];
        for (text, error) in rows {
            assert_eq!(Template::parse(text), Err(error), "{text}");
        }
    }
}
