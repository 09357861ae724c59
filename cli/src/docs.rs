//! The pages of `docs/use`: what they show is what the program does.

use std::fs;
use std::path::Path;

use clap::{CommandFactory, Parser};
use ledger::AssetId;
use ledger::asset::{Asset, AssetCode};

use crate::args::Cli;
use crate::assets::Assets;
use crate::import::mapping::Mapping;
use crate::import::plan::Planner;
use crate::import::rows::Rows;
use crate::jsonl;
use crate::key::{self, AccountKey, Domain};

fn page(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/use");
    fs::read_to_string(folder.join(name)).unwrap()
}

/// The blocks of code in a language.
fn blocks(page: &str, language: &str) -> Vec<String> {
    let fence = format!("```{language}\n");
    let blocks = page.split(&fence).skip(1);
    blocks
        .map(|block| block.split("```").next().unwrap().to_owned())
        .collect()
}

fn usd() -> Asset {
    Asset {
        id: AssetId(1),
        code: AssetCode::parse("USD").unwrap(),
        exponent: 2,
    }
}

#[test]
fn commands_that_are_shown_are_understood() {
    let mut count = 0;
    for name in [
        "README.md",
        "cli.md",
        "import.md",
        "../verify.md",
        "../policy/authors.md",
        "../operate/signing.md",
    ] {
        let page = page(name).replace("\\\n", " ");
        let blocks = blocks(&page, "sh");
        let lines = blocks.iter().flat_map(|block| block.lines());
        for line in lines.filter(|line| line.starts_with("ledgerctl ")) {
            let words = line
                .split('"')
                .enumerate()
                .flat_map(|(at, part)| match at % 2 {
                    0 => part.split_whitespace().collect::<Vec<_>>(),
                    _ => vec![part],
                });
            Cli::try_parse_from(words).unwrap_or_else(|error| panic!("{line}: {error}"));
            count += 1;
        }
    }
    assert!(count > 15, "{count}");
}

#[test]
fn every_command_and_exit_code_is_described() {
    let page = page("cli.md");
    for command in Cli::command().get_subcommands() {
        let name = command.get_name();
        let is_named = ["`", " ", "|"]
            .iter()
            .any(|end| page.contains(&format!("`{name}{end}")));
        assert!(is_named, "{name}");
    }
    for line in crate::exit::Exit::HELP.lines().skip(1) {
        let code = line.split_whitespace().next().unwrap();
        assert!(page.contains(&format!("\n| {code} | ")), "{code}");
    }
}

#[test]
fn lines_that_are_shown_can_be_posted() {
    let page = page("cli.md");
    let assets = Assets(vec![usd()]);
    let blocks = blocks(&page, "json");
    let lines: Vec<&str> = blocks.iter().flat_map(|block| block.lines()).collect();
    assert_eq!(lines.len(), 5);
    for (number, line) in (1..).zip(lines) {
        let item = jsonl::parse(number, line.as_bytes(), None, &assets);
        item.unwrap_or_else(|problem| panic!("{problem}"));
    }
}

#[test]
fn derived_ids_that_are_shown_are_derived() {
    let page = page("cli.md");
    let ids = [
        Domain::Account.derive(["alice"]),
        Domain::Transfer.derive(["alice"]),
        Domain::Import.derive(["bank", "695247"]),
    ];
    for id in ids {
        assert!(page.contains(&format!("| `{}` |", key::show(id))), "{id:x}");
    }
}

#[test]
fn the_mapping_that_is_shown_does_what_is_said() {
    let page = page("import.md");
    let [file, mapping] = ["csv", "toml"].map(|language| blocks(&page, language).remove(0));
    let mapping = Mapping::parse(&mapping).unwrap_or_else(|problem| panic!("{problem}"));
    let mut rows = Rows::open(file.as_bytes(), &mapping.dialect).unwrap();
    let bound = mapping.bind(rows.columns()).unwrap();
    let assets = [usd()];
    let mut planner = Planner::new(&bound, &assets);
    let mut moves = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        let planned = planner.plan(&row.unwrap());
        let planned = planned.unwrap_or_else(|problem| panic!("{problem}"));
        moves.push(planned.map(|each| {
            let t = each.transfer;
            (t.debit, t.credit, t.amount)
        }));
    }
    let [ann, bob] = ["buyer:ann", "seller:bob"].map(AccountKey::named);
    assert_eq!(
        moves,
        [Some((ann, bob, 123_450)), Some((bob, ann, 3_450)), None]
    );
}
