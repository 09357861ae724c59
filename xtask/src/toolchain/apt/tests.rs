use super::{Package, ensure};

#[test]
fn what_is_there_is_not_installed() {
    let packages = [Package {
        name: "no-package-has-this-name",
        probe: &["true"],
    }];
    ensure(&packages).unwrap();
    ensure(&[]).unwrap();
}

#[test]
fn a_probe_that_fails_or_cannot_run_means_missing() {
    for probe in [&["false"][..], &["no-program-has-this-name"], &[]] {
        let package = Package { name: "x", probe };
        assert!(!package.is_there(), "{probe:?}");
    }
}
