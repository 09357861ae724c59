use super::*;

#[test]
fn the_list_is_of_the_committed_components() {
    let folder = shell::root().join(COMPONENTS);
    let listed = fs::read_to_string(folder.join(digests::FILE)).unwrap();
    let rustc = Digests::rustc(&listed).unwrap();
    assert_eq!(Digests::of(&rustc, &folder, &NAMES).unwrap().text(), listed);
}

#[test]
fn every_component_is_listed_and_every_policy_shipped() {
    let names = |folder: &str, ending: &str| {
        let mut names: Vec<String> = fs::read_dir(shell::root().join(folder))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter_map(|name| name.strip_suffix(ending).map(str::to_owned))
            .collect();
        names.sort();
        names
    };
    assert_eq!(names(COMPONENTS, ".wasm"), NAMES);
}

#[test]
fn a_list_without_a_compiler_is_none() {
    assert!(Digests::rustc("[sha256]\n").is_err());
    assert_eq!(
        Digests::rustc("rustc = \"rustc 1.95.0\"\n").unwrap(),
        "rustc 1.95.0"
    );
}
