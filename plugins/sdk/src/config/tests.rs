use super::*;

fn amount(json: &str) -> Option<u128> {
    let value = Json::parse(json).ok()?;
    Amount::from_json(value).ok().map(|Amount(amount)| amount)
}

#[test]
fn amounts_are_exact() {
    let table = [
        ("0", Some(0)),
        ("\"0\"", Some(0)),
        (
            "\"340282366920938463463374607431768211455\"",
            Some(u128::MAX),
        ),
        ("\"340282366920938463463374607431768211456\"", None),
        ("9007199254740992", Some(1 << 53)),
        ("9007199254740993", None),
        ("1.5", None),
        ("-1", None),
        ("\"-1\"", None),
        ("\"+1\"", None),
        ("\"\"", None),
        ("\" 1\"", None),
        ("true", None),
    ];
    for (json, expected) in table {
        assert_eq!(amount(json), expected, "{json}");
    }
}

#[test]
fn what_is_no_object_is_refused() {
    for json in ["[]", "1", "{", "{} {}", "{\"a\": 1,}"] {
        assert!(Config::parse(json).is_err(), "{json}");
    }
    for json in ["", " \n", "{}"] {
        Config::parse(json).unwrap().finish().unwrap();
    }
}

fn why<T: std::fmt::Debug>(outcome: Result<T, PolicyError>) -> String {
    match outcome {
        Err(PolicyError::BadConfig(why)) => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn errors_name_the_field() {
    let json = r#"{"max": "many", "codes": [1, 65536], "on": 1, "more": {"a": []}, "mni": 1}"#;
    let mut config = Config::parse(json).unwrap();
    let table = [
        (
            why(config.take::<Amount>("max")),
            "field `max`: neither a number nor decimal digits in quotes",
        ),
        (
            why(config.take::<Vec<u16>>("codes")),
            "field `codes`: item 2: `65536` is out of range",
        ),
        (why(config.take::<u8>("min")), "field `min` is missing"),
        (
            why(config.take::<bool>("on")),
            "field `on`: neither `true` nor `false`",
        ),
        (
            why(config.take::<Config>("more").unwrap().take_all::<String>()),
            "field `a`: not a text",
        ),
        (why(config.finish()), "unknown field `mni`"),
    ];
    for (found, expected) in table {
        assert_eq!(found, expected);
    }
}
