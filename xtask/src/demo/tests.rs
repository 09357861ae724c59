use std::fs;
use std::path::Path;

use super::script::Line;
use super::{Client, alter};
use crate::shell;

use super::folder::Folders;

fn client(folders: &Folders) -> Client<'_> {
    let example = shell::root().join("examples/demo");
    Client {
        // It is given `--profile FOLDER` and then the words.
        binary: Path::new("echo"),
        folder: folders.files(&example).unwrap(),
        profiles: folders.keys(),
        output: String::new(),
    }
}

fn folders() -> Folders {
    let target = shell::target_folder().unwrap().join("tmp");
    Folders::create(&target, false).unwrap()
}

#[test]
fn what_is_shown_is_kept_for_the_readme() {
    let folders = folders();
    let mut client = client(&folders);
    let words = vec!["totals".to_owned()];
    client.run(&Line::Command { words, code: 0 }).unwrap();
    assert!(client.output.starts_with("$ ledgerctl totals\n--profile "));
    assert!(client.output.ends_with(" totals\n"));
}

#[test]
fn a_command_ends_as_the_script_says_or_the_demo_fails() {
    let folders = folders();
    let mut client = client(&folders);
    let words = vec!["verify".to_owned()];
    let line = Line::Command { words, code: 1 };
    let error = client.run(&line).unwrap_err().to_string();
    assert_eq!(error, "`ledgerctl verify` ended with exit status: 0, not 1");
    client.binary = Path::new("false");
    client.run(&line).unwrap();
}

#[test]
fn one_bit_is_turned_over() {
    let folders = folders();
    let file = folders.data().join("file");
    fs::write(&file, [1, 2, 3, 4]).unwrap();
    alter(&file).unwrap();
    assert_eq!(fs::read(&file).unwrap(), [1, 2, 2, 4]);
    fs::write(&file, []).unwrap();
    let error = alter(&file).unwrap_err().to_string();
    assert!(error.ends_with("file`: it is empty"), "{error}");
    assert!(alter(&folders.data().join("none")).is_err());
}
