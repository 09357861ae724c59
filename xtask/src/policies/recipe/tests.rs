use super::*;

#[test]
fn settings_of_one_machine_do_not_reach_a_build() {
    for name in [
        "RUSTFLAGS",
        "CARGO_PROFILE_RELEASE_DEBUG",
        "CARGO_BUILD_RUSTFLAGS",
    ] {
        assert!(changes_what_is_built(name), "{name}");
    }
    for name in [
        "CARGO_HOME",
        "PATH",
        "RUSTUP_TOOLCHAIN",
        "CARGO_NET_OFFLINE",
    ] {
        assert!(!changes_what_is_built(name), "{name}");
    }
}

#[test]
fn every_folder_of_the_machine_has_another_name() {
    let flags = flags().unwrap().into_string().unwrap();
    let words: Vec<&str> = flags.split(SEPARATOR).collect();
    let (linker, remapped) = words.split_first().unwrap();
    assert_eq!(*linker, "-Clinker=wasm-component-ld");
    assert_eq!(remapped.len(), 3);
    for word in remapped {
        let (_, name) = word.rsplit_once('=').unwrap();
        assert!(
            ["/ledgerd", "/cargo"].contains(&name) || name.starts_with("/rustc/"),
            "{name}"
        );
    }
}
