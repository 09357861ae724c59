use super::ALL;

const DIGESTS: &str = include_str!("../../../policies/components/digests.toml");

#[test]
fn every_component_has_the_digest_that_stands_beside_it() {
    for shipped in ALL {
        let line = format!("{} = \"{}\"", shipped.name, shipped.digest());
        assert!(DIGESTS.lines().any(|found| found == line), "{line}");
    }
    let listed = DIGESTS
        .lines()
        .skip_while(|line| *line != "[sha256]")
        .skip(1)
        .filter(|line| line.contains('='))
        .count();
    assert_eq!(listed, ALL.len());
}
