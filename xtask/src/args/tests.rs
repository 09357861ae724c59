use super::Args;

fn args(line: &str) -> Args {
    Args::new(line.split_whitespace().map(str::to_owned))
}

#[test]
fn takes_options_in_both_spellings() {
    let mut args = args("--rounds 7 --dev --journal=embedded -- -p ledger");
    assert_eq!(args.value::<u32>("--rounds").unwrap(), Some(7));
    assert_eq!(
        args.value::<String>("--journal").unwrap().as_deref(),
        Some("embedded")
    );
    assert!(args.flag("--dev"));
    assert!(!args.flag("--dev"));
    assert_eq!(args.take_rest(), ["-p", "ledger"]);
    args.finish().unwrap();
}

#[test]
fn refuses_what_it_does_not_understand() {
    let mut missing = args("--rounds");
    assert_eq!(
        missing.value::<u32>("--rounds").unwrap_err().to_string(),
        "`--rounds` needs a value"
    );

    let mut word = args("--rounds many");
    let error = word.value::<u32>("--rounds").unwrap_err();
    assert_eq!(error.to_string(), "`--rounds` cannot be `many`");

    let mut twice = args("--rounds 1 --rounds 2");
    let error = twice.value::<u32>("--rounds").unwrap_err();
    assert_eq!(error.to_string(), "`--rounds` was given 2 times");

    let error = args("--roudns 1").finish().unwrap_err();
    assert_eq!(error.to_string(), "unknown argument `--roudns`, see --help");
    assert!(args("-- left over").finish().is_err());
}

#[test]
fn help_after_two_dashes_is_for_the_other_program() {
    assert!(args("--rounds 1 --help").asks_for_help());
    assert!(!args("-- --help").asks_for_help());
}
