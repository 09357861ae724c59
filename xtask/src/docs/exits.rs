//! Exit codes, as a program's own help tells them.

/// The table of the codes in a source that has a text of this form:
///
/// ```text
/// Exit codes:
///   0  what it means
///   1  and so on, to
///      another line";
/// ```
pub(super) fn table(source: &str) -> Option<String> {
    let (_, text) = source.split_once("Exit codes:\n")?;
    let (text, _) = text.split_once('"')?;
    let mut rows: Vec<(u8, String)> = Vec::new();
    for line in text.lines().map(str::trim) {
        let row = line
            .split_once(' ')
            .and_then(|(code, meaning)| Some((code.parse().ok()?, meaning.trim().to_owned())));
        match (row, rows.last_mut()) {
            (Some(row), _) => rows.push(row),
            (None, Some((_, meaning))) => {
                meaning.push(' ');
                meaning.push_str(line);
            }
            (None, None) => return None,
        }
    }
    let mut table = String::from("| code | meaning |\n|---|---|\n");
    for (code, meaning) in rows {
        table.push_str(&format!("| {code} | {meaning} |\n"));
    }
    Some(table)
}
