use super::Script;

#[test]
fn splits_lines_into_words() {
    let script = Script::parse("# why\n\nbook create main\n  post --note \"two words\" x\n");
    let words: Vec<Vec<&str>> = vec![
        vec!["book", "create", "main"],
        vec!["post", "--note", "two words", "x"],
    ];
    assert_eq!(script.unwrap().commands(), words);
}

#[test]
fn names_the_line_it_cannot_read() {
    let message = |text| Script::parse(text).err().map(|error| error.to_string());
    assert_eq!(
        message("ok\npost \"open").as_deref(),
        Some("2: a quote stays open")
    );
    assert_eq!(message("# nothing\n").as_deref(), Some("1: no command"));
}
