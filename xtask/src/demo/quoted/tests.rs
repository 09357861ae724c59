use std::fs;

use super::{missing, quoted};
use crate::shell;

const README: &str = "\
```text
not this
```
<!-- demo: this -->

```text
$ ledgerctl totals
1 row in 0.1 s, 10 rows/s
USD 0.00
```

```text
nor this
```
";

#[test]
fn lines_that_are_not_printed_are_missing() {
    assert_eq!(missing(README, "$ ledgerctl totals\nUSD 0.00\n"), [""; 0]);
    assert_eq!(
        missing(README, "$ ledgerctl totals\nEUR 0.00\n"),
        ["USD 0.00"]
    );
}

#[test]
fn the_readme_quotes_the_demo_in_few_lines() {
    let readme = fs::read_to_string(shell::root().join("README.md")).unwrap();
    assert!(quoted(&readme).count() >= 5);
    assert!(readme.lines().count() <= 80);
}

/// Its commands are those that there are, and its map has every folder.
#[test]
fn the_readme_knows_the_repository() {
    let readme = fs::read_to_string(shell::root().join("README.md")).unwrap();
    let commands: Vec<&str> = readme
        .lines()
        .filter_map(|line| line.strip_prefix("cargo xtask "))
        .collect();
    assert_eq!(commands, ["demo", "test"]);
    for name in commands {
        assert!(crate::COMMANDS.iter().any(|command| command.name == name));
    }
    let mut git = shell::program("git");
    let files = shell::read(git.args(["ls-files"])).unwrap();
    let mut folders: Vec<&str> = files
        .lines()
        .filter_map(|path| Some(path.split_once('/')?.0))
        .filter(|folder| !folder.starts_with('.'))
        .collect();
    folders.dedup();
    for folder in folders {
        let is_named =
            readme.contains(&format!("`{folder}`")) || readme.contains(&format!("`{folder}/"));
        assert!(is_named, "{folder}");
    }
}
