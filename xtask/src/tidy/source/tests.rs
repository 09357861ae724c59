use super::{Source, find, is_test, mark_tests};

fn code(text: &str) -> String {
    Source::new("a/src/lib.rs", text).code
}

#[test]
fn strings_characters_and_comments_are_not_code() {
    let cases = [
        ("f(\"now()\")", "f(       )"),
        ("f(\"a\\\"now\")", "f(        )"),
        ("b\"now\" x", "       x"),
        ("r\"now\\\" x", "        x"),
        ("r#\"a\"now\"# x", "           x"),
        ("br##\"\"#now\"## x", "              x"),
        ("c\"now\" x", "       x"),
        ("'n' x", "    x"),
        ("'\\'' x", "     x"),
        ("'\\u{1F600}' x", "            x"),
        ("b'n' x", "b    x"),
        ("'ä' x", "     x"),
        ("a // now", "a       "),
        ("a // \"\nb", "a     \nb"),
        ("a /* x /* y */ z */ b", "a                   b"),
        ("a /* open", "a        "),
        ("\"open", "     "),
    ];
    for (text, expected) in cases {
        assert_eq!(code(text), expected, "{text}");
    }
}

#[test]
fn what_only_looks_like_a_string_is_code() {
    for text in [
        "fn f<'a>(x: &'a str)",
        "r#type",
        "bar",
        "for x in y",
        "'a: loop {}",
        "r + b",
    ] {
        assert_eq!(code(text), text);
    }
    assert_eq!(code("for\"x\""), "for   ");
}

#[test]
fn comments_are_a_view_of_their_own() {
    let source = Source::new("a/src/lib.rs", "a(\"// no\"); // yes\n/* also */ b");
    assert_eq!(source.comments, "            // yes\n/* also */  ");
}

#[test]
fn items_for_tests_are_no_production() {
    let text = "\
fn a() { now() }
#[cfg(test)]
mod tests {
    // Not counted.

    fn b() { if x { now() } }
}
#[cfg(test)]
mod more;
#[cfg(test)]
#[derive(Debug)]
pub struct C([u8; 4]);
fn d() { now() }
";
    let source = Source::new("a/src/lib.rs", text);
    assert_eq!(
        find(&source.production, &["now"]),
        [(1, "now"), (13, "now")]
    );
    assert_eq!(
        find(&source.code, &["now"]),
        [(1, "now"), (6, "now"), (13, "now")]
    );
    assert_eq!(source.production_lines, 2);
    assert_eq!(
        source.production.lines().count(),
        source.code.lines().count()
    );
}

#[test]
fn files_of_tests_have_no_production() {
    for path in [
        "a/src/b/tests.rs",
        "a/tests/it/main.rs",
        "a/benches/x.rs",
        "fuzz/build.rs",
    ] {
        assert!(is_test(path), "{path}");
        let source = Source::new(path, "fn now() {}\n");
        assert_eq!(
            (source.production.as_str(), source.production_lines),
            ("           \n", 0)
        );
    }
    for path in [
        "a/src/tests_of_faith.rs",
        "tests.rs",
        "loadtest/src/main.rs",
    ] {
        assert!(!is_test(path), "{path}");
    }
}

#[test]
fn words_stand_by_themselves() {
    let cases = [
        ("Instant::now()", "Instant::now", true),
        ("MyInstant::now()", "Instant::now", false),
        ("env::vars()", "env::var", false),
        ("x.await?", ".await", true),
        ("x.awaited()", ".await", false),
        ("todo!()", "todo!", true),
        ("autodo!()", "todo!", false),
    ];
    for (line, word, expected) in cases {
        assert_eq!(!find(line, &[word]).is_empty(), expected, "{line}");
    }
}

#[test]
fn modules_of_tests_are_no_production() {
    let lib = "mod a;\n#[cfg(test)]\nmod simulation;\n#[cfg(test)]\nmod tests { fn f() {} }\n";
    let paths = [
        ("x/src/lib.rs", lib),
        ("x/src/a.rs", "#[cfg(test)]\nmod draw;\n"),
        ("x/src/a/draw.rs", "fn now() {}\n"),
        ("x/src/simulation.rs", "fn now() {}\n"),
        ("x/src/simulation/disk.rs", "fn now() {}\n"),
        ("x/src/simulations.rs", "fn now() {}\n"),
    ];
    let mut sources: Vec<Source> = paths
        .iter()
        .map(|(path, text)| Source::new(path, text))
        .collect();
    mark_tests(&mut sources);
    let lines: Vec<usize> = sources.iter().map(|s| s.production_lines).collect();
    assert_eq!(lines, [1, 0, 0, 0, 0, 1]);
}
