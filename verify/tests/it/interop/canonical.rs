use super::key::Key;
use super::rows::{chain, lines};
use super::scratch::Scratch;
use super::tool::{Verdict, node, npm, python};

/// What both implementations say about lines of JSON.
fn verdicts(lines: &[u8]) -> [Verdict; 2] {
    let scratch = Scratch::new();
    let file = scratch.write("lines", lines);
    let (file, npm) = (file.to_str().unwrap(), npm());
    let npm = ("modules", npm.to_str().unwrap());
    [
        node("jcs-compare.mjs", &[npm, ("lines", file)]),
        python("jcs-compare.py", &[("lines", file)]),
    ]
}

#[test]
fn rows_and_payloads_are_spelled_as_others_spell_them() {
    let rows = chain(&Key::one_of_each(), 4);
    let mut all = lines(&rows);
    for row in &rows {
        all.extend_from_slice(row.canonical());
        all.push(b'\n');
    }
    for verdict in verdicts(&all) {
        assert_eq!(verdict.accepted(), "8 lines are canonical");
    }
}

#[test]
fn other_spellings_are_told_apart() {
    for line in [
        &b"{\"b\":1,\"a\":2}\n"[..],
        b"{\"a\": 1}\n",
        b"{\"a\":1.0}\n",
        b"{\"a\":\"\\u0041\"}\n",
    ] {
        for verdict in verdicts(line) {
            verdict.refused();
        }
    }
}
