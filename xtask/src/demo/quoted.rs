//! What the README quotes of the demo.

/// How the line begins behind which the block stands.
const MARK: &str = "<!-- demo:";

/// The lines of `readme` that claim to be output, and are not in `output`. Rates and times differ
/// from run to run.
pub(super) fn missing<'a>(readme: &'a str, output: &str) -> Vec<&'a str> {
    quoted(readme)
        .filter(|line| !line.contains("/s") && !output.lines().any(|have| have == *line))
        .collect()
}

/// The lines of the block.
fn quoted(readme: &str) -> impl Iterator<Item = &str> {
    readme
        .lines()
        .skip_while(|line| !line.starts_with(MARK))
        .skip_while(|line| !line.starts_with("```"))
        .skip(1)
        .take_while(|line| !line.starts_with("```"))
}

#[cfg(test)]
mod tests;
