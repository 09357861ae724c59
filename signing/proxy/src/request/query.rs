//! What follows a path, after `?`.

/// The value of `name`, decoded; none if it is missing, stands twice, or is not UTF-8.
pub(super) fn value(query: &str, name: &str) -> Option<String> {
    let mut found = query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .filter(|(key, _)| *key == name);
    match (found.next(), found.next()) {
        (Some((_, value)), None) => decode(value),
        _ => None,
    }
}

/// Whether `name` is given at all.
pub(super) fn has(query: &str, name: &str) -> bool {
    query
        .split('&')
        .any(|pair| pair.split('=').next() == Some(name))
}

fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => digit(rest.next()?)? << 4 | digit(rest.next()?)?,
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte)
        .to_digit(16)
        .and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::{has, value};

    #[test]
    fn values_are_found_and_decoded() {
        let table = [
            ("origin=a/b", Some("a/b")),
            ("x=1&origin=a%2Fb", Some("a/b")),
            ("origin=a%2fb+c", Some("a/b c")),
            ("origin=", Some("")),
            ("origin=a&origin=b", None),
            ("origin=%f", None),
            ("origin=%gg", None),
            ("origin=%ff", None),
            ("original=a", None),
            ("origin", None),
            ("", None),
        ];
        for (query, expected) in table {
            assert_eq!(value(query, "origin").as_deref(), expected, "{query}");
        }
        assert!(has("x=1&origin", "origin"));
        assert!(!has("original=1", "origin"));
    }
}
