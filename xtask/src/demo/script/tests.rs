use super::{Line, Script};

fn command(words: &[&str], code: u8) -> Line {
    Line::Command {
        words: words.iter().map(|&word| word.to_owned()).collect(),
        code,
    }
}

#[test]
fn splits_lines_into_words() {
    let script = Script::parse("# why\n\nbook create main\n  post --note \"two words\" x\n");
    let lines = [
        command(&["book", "create", "main"], 0),
        command(&["post", "--note", "two words", "x"], 0),
    ];
    assert_eq!(script.unwrap().lines(), lines);
}

#[test]
fn a_failure_can_be_what_is_shown() {
    let script = Script::parse(":alter a.receipt\n:exit 1 verify receipt a.receipt\n").unwrap();
    let file = "a.receipt".to_owned();
    let lines = [
        Line::Alter { file },
        command(&["verify", "receipt", "a.receipt"], 1),
    ];
    assert_eq!(script.lines(), lines);
    let shown: Vec<String> = script.lines().iter().map(Line::to_string).collect();
    assert_eq!(
        shown,
        [
            "# now with one bit of a.receipt turned over",
            "$ ledgerctl verify receipt a.receipt"
        ]
    );
}

#[test]
fn names_the_line_it_cannot_read() {
    let cases = [
        ("ok\npost \"open", "2: a quote stays open"),
        ("# nothing\n", "1: no command"),
        (":alter", "1: `:alter` takes one file"),
        (":alter a b", "1: `:alter` takes one file"),
        (":exit verify", "1: `:exit` takes a code and a command"),
        (":exit 1", "1: no command"),
        (":twist a", "1: no step `:twist`, there are: :alter, :exit"),
    ];
    for (text, problem) in cases {
        let error = Script::parse(text).err().map(|error| error.to_string());
        assert_eq!(error.as_deref(), Some(problem), "{text}");
    }
}
