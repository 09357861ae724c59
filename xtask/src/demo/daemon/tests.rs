use std::path::Path;

use super::Daemon;
use crate::outcome::Outcome;
use crate::shell;

fn start(behaviour: &str) -> Outcome<Daemon> {
    let fake = shell::root().join("xtask/src/demo/daemon/fake.sh");
    Daemon::start(&fake, Path::new(behaviour))
}

#[test]
fn waits_for_the_ready_line_and_stops() {
    let daemon = start("good").unwrap();
    assert_eq!(daemon.address(), "127.0.0.1:4433");
    daemon.stop().unwrap();
}

#[test]
fn tells_how_a_daemon_failed() {
    let error = start("bad-start").err().unwrap().to_string();
    assert_eq!(
        error,
        "the daemon ended with exit status: 7 before it was ready"
    );
    let error = start("bad-stop").unwrap().stop().unwrap_err().to_string();
    assert_eq!(error, "the daemon ended with exit status: 3");
    assert!(Daemon::start(Path::new("no/such/binary"), Path::new("good")).is_err());
}

#[test]
fn a_dropped_daemon_is_gone() {
    let daemon = start("good").unwrap();
    let pid = daemon.child.id();
    drop(daemon);
    assert!(!Path::new(&format!("/proc/{pid}")).exists());
}
