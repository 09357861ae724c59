use std::os::unix::fs::PermissionsExt;

use super::Folders;
use crate::shell;

#[test]
fn folders_are_private_and_leave_nothing_behind() {
    let target = shell::target_folder().unwrap().join("tmp");
    let folders = Folders::create(&target, false).unwrap();
    let example = shell::root().join("examples/demo");
    let files = folders.files(&example).unwrap();
    assert!(files.join("orders.csv").is_file());
    let paths = [folders.data(), folders.keys(), files].map(|path| path.to_owned());
    for path in &paths {
        let mode = path.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700, "{}", path.display());
    }
    assert!(!folders.keys().starts_with(shell::root()));
    std::fs::write(folders.log(), "words").unwrap();
    folders.remove().unwrap();
    assert!(paths.iter().all(|path| !path.exists()));

    drop(Folders::create(&target, false).unwrap());
    assert!(paths.iter().all(|path| !path.exists()));
}
