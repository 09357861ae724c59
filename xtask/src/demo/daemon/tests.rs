use std::path::Path;

use super::{Daemon, profiles_in};
use crate::demo::folder::Folders;
use crate::outcome::Outcome;
use crate::shell;

/// A fake that behaves so, and its folders, which must outlive it.
fn start(behaviour: &str) -> (Outcome<Daemon>, Folders) {
    let target = shell::target_folder().unwrap().join("tmp").join(behaviour);
    let folders = Folders::create(&target, false).unwrap();
    std::fs::write(folders.data().join("behaviour"), behaviour).unwrap();
    let fake = shell::root().join("xtask/src/demo/daemon/fake.sh");
    (Daemon::start(&fake, &folders), folders)
}

#[test]
fn waits_for_the_ready_line_and_stops() {
    let (daemon, folders) = start("good");
    let daemon = daemon.unwrap();
    assert_eq!(daemon.profiles(), folders.keys());
    daemon.stop().unwrap();
}

#[test]
fn tells_how_a_daemon_failed_to_start() {
    let (daemon, _folders) = start("bad-start");
    assert_eq!(
        daemon.err().unwrap().to_string(),
        "the daemon ended with exit status: 7 before it was ready\n    no such luck"
    );
}

#[test]
fn tells_how_a_daemon_failed_to_stop() {
    let (daemon, folders) = start("bad-stop");
    assert_eq!(
        daemon.unwrap().stop().unwrap_err().to_string(),
        "the daemon ended with exit status: 3\n    disk is on fire"
    );
    assert!(Daemon::start(Path::new("no/such/binary"), &folders).is_err());
}

#[test]
fn a_dropped_daemon_is_gone() {
    let (daemon, _folders) = start("good");
    let daemon = daemon.unwrap();
    let pid = daemon.child.id();
    drop(daemon);
    assert!(!Path::new(&format!("/proc/{pid}")).exists());
}

#[test]
fn profiles_are_read_from_the_ready_line_alone() {
    let line = "ledgerd ready address=127.0.0.1:4433 profiles=/a b/c";
    assert_eq!(profiles_in(line).as_deref(), Some(Path::new("/a b/c")));
    assert_eq!(profiles_in("ready profiles=/a"), None);
    assert_eq!(profiles_in("ledgerd ready address=127.0.0.1:4433"), None);
}
