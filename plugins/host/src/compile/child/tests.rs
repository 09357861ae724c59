use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use super::compile;
use crate::load::LoadError;

/// What comes of a child that runs this script of the shell.
fn script(text: &str, time: Duration) -> LoadError {
    let args: Vec<OsString> = ["-c", text].iter().map(Into::into).collect();
    // More than a pipe holds.
    let component = vec![0; 1 << 20];
    match compile(Path::new("/bin/sh"), &args, false, &component, time) {
        Ok(_) => panic!("compiled"),
        Err(error) => error,
    }
}

#[test]
fn a_child_that_does_not_end_is_killed() {
    for text in ["exec sleep 1000", "cat > /dev/null; exec sleep 1000"] {
        let error = script(text, Duration::from_millis(50));
        assert_eq!(error, LoadError::CompileTimedOut, "{text}");
    }
}

#[test]
fn the_way_a_child_ends_is_told() {
    let ample = Duration::from_secs(60);
    let rows = [
        ("kill -XCPU $$", LoadError::CompileTimedOut),
        ("kill -ABRT $$", LoadError::CompileOutOfMemory),
        (
            "exit 3",
            LoadError::Compile("the compiler ended with exit status: 3".to_owned()),
        ),
        (
            "exit 0",
            LoadError::Compile("the compiler said nothing".to_owned()),
        ),
        (
            "printf '\\001no reason'",
            LoadError::Compile("no reason".to_owned()),
        ),
        (
            "printf '\\000half'; kill -ABRT $$",
            LoadError::CompileOutOfMemory,
        ),
    ];
    for (text, expected) in rows {
        assert_eq!(script(text, ample), expected, "{text}");
    }
}
