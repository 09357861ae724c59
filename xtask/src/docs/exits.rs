//! Exit codes, as a program's own help tells them.

/// The table of the codes in a source that has a text of this form:
///
/// ```text
/// Exit codes:
///   0  what it means
///   1  and so on";
/// ```
pub(super) fn table(source: &str) -> Option<String> {
    let (_, text) = source.split_once("Exit codes:\n")?;
    let (text, _) = text.split_once('"')?;
    let mut table = String::from("| code | meaning |\n|---|---|\n");
    for line in text.lines() {
        let (code, meaning) = line.trim().split_once(' ')?;
        let code: u8 = code.parse().ok()?;
        table.push_str(&format!("| {code} | {} |\n", meaning.trim()));
    }
    Some(table)
}
