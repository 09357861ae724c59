mod world;

use clap::Parser;

use super::*;
use crate::args::{Cli, Command};
use world::{World, lines};

/// Runs `verify` over files of the world.
fn run_in(world: &World, line: &str) -> Result<Exit, Fault> {
    let words = line.split_whitespace().map(|word| match word {
        file if file.contains('.') => world.path(file).display().to_string(),
        word => word.to_owned(),
    });
    let words = ["ledgerctl".to_owned(), "verify".to_owned()]
        .into_iter()
        .chain(words);
    let cli = Cli::try_parse_from(words).unwrap_or_else(|error| panic!("{line}: {error}"));
    let Command::Verify(command) = &cli.command else {
        panic!("{line} is another command");
    };
    run(Output::of(&cli.global), command)
}

fn exit(world: &World, line: &str) -> Exit {
    run_in(world, line).unwrap_or_else(|fault| fault.exit())
}

#[test]
fn what_was_sealed_is_verified_and_nothing_else() {
    use Exit::{Refused, Success, Usage};
    let world = World::new();
    let last = world.chain.last().unwrap();
    let (head, fork) = (last.head(), "0".repeat(64));
    let rows = [
        ("receipt event.receipt", Success),
        ("proof event.receipt grown.consistency", Success),
        ("receipt grown.consistency", Refused),
        ("range some.range", Success),
        ("range some.range --rows some.events", Success),
        ("range some.range --rows event.record", Refused),
        ("proof grown.witness --known old.checkpoint", Success),
        ("proof grown.witness --known book.checkpoint", Refused),
        ("proof grown.witness", Refused),
        ("statement a.statement a.statement.2", Success),
        ("statement a.statement.2", Success),
        ("statement a.statement.2 a.statement", Refused),
        ("checkpoint book.checkpoint", Success),
        ("checkpoint event.tlog-proof", Refused),
        ("proof event.tlog-proof --rows event.record", Success),
        ("proof event.tlog-proof", Refused),
        ("proof proof.json", Success),
        ("proof proof.json --rows ledger_rows.jsonl", Success),
        ("proof proof.json --rows chain.jsonl", Refused),
        ("proof proof.json some.range --rows some.events", Usage),
        ("receipt missing.receipt", Usage),
        ("chain chain.jsonl", Success),
        ("chain chain.jsonl chain.jsonl", Refused),
    ];
    for (line, expected) in rows {
        let line = format!("{line} --keyring keyring.json");
        assert_eq!(exit(&world, &line), expected, "{line}");
    }
    for (line, expected) in [
        (format!("--head {head}"), Success),
        (format!("--head {}:{fork}", head.seq), Refused),
        (format!("--head {}:{}", head.seq + 1, head.digest), Refused),
    ] {
        let line = format!("chain chain.jsonl --keyring keyring.json {line}");
        assert_eq!(exit(&world, &line), expected, "{line}");
    }
}

#[test]
fn trust_begins_where_the_auditor_says() {
    use Exit::{Refused, Success, Usage};
    let world = World::new();
    for (line, expected) in [
        ("--keyring current.json", Success),
        ("--keyring keyring.json --approvers keyring.json", Success),
        ("--keyring keyring.json --approvers current.json", Success),
        ("--keyring keyring.json --approvers strangers.json", Refused),
        ("--keyring current.json --approvers current.json", Refused),
        ("--keyring strangers.json", Refused),
        ("--keyring event.receipt", Usage),
        ("--keyring keyring.json --environment test", Success),
        ("--keyring keyring.json --environment production", Refused),
    ] {
        let line = format!("receipt event.receipt {line}");
        assert_eq!(exit(&world, &line), expected, "{line}");
    }
}

/// One byte is enough to be refused, wherever it stands; that every one is, the crate that checks
/// them tests.
#[test]
fn an_altered_byte_is_refused() {
    let world = World::new();
    for (file, line) in [
        ("event.receipt", "receipt altered.file"),
        ("some.range", "range altered.file"),
        ("a.statement", "statement altered.file"),
        ("grown.consistency", "proof altered.file"),
        ("grown.witness", "proof altered.file --known old.checkpoint"),
        ("old.checkpoint", "proof grown.witness --known altered.file"),
        ("book.checkpoint", "checkpoint altered.file"),
        ("event.tlog-proof", "proof altered.file --rows event.record"),
        ("event.record", "proof event.tlog-proof --rows altered.file"),
        ("proof.json", "proof altered.file"),
        ("ledger_rows.jsonl", "proof proof.json --rows altered.file"),
        ("some.events", "range some.range --rows altered.file"),
        ("chain.jsonl", "chain altered.file"),
    ] {
        let bytes = world.read(file);
        let line = format!("{line} --keyring keyring.json");
        world.write("altered.file", &bytes);
        assert_eq!(exit(&world, &line), Exit::Success, "{line}");
        for at in (0..bytes.len()).step_by(7).chain([bytes.len() - 1]) {
            let mut altered = bytes.clone();
            altered[at] ^= 1;
            world.write("altered.file", &altered);
            assert_eq!(exit(&world, &line), Exit::Refused, "{file}, byte {at}");
        }
        world.write("altered.file", &bytes[..bytes.len() - 1]);
        assert_eq!(exit(&world, &line), Exit::Refused, "{file}, cut");
    }
}

#[test]
fn a_chain_that_lost_rows_is_refused() {
    let world = World::new();
    let (all, first) = (&world.chain, world.chain[0].head());
    world.write("tail.jsonl", &lines(&all[1..]));
    world.write("reversed.jsonl", &lines(&[all[1].clone(), all[0].clone()]));
    let keyring = "--keyring keyring.json";
    for (line, expected) in [
        (format!("chain tail.jsonl {keyring}"), Exit::Refused),
        (
            format!("chain tail.jsonl {keyring} --after {first}"),
            Exit::Success,
        ),
        (format!("chain reversed.jsonl {keyring}"), Exit::Refused),
        (
            format!("chain chain.jsonl {keyring} --after {first}"),
            Exit::Refused,
        ),
    ] {
        assert_eq!(exit(&world, &line), expected, "{line}");
    }
}

/// What the page tells auditors to do without this program.
#[test]
fn a_row_is_verified_by_other_tools() {
    let world = World::new();
    let pem = world::Key::named("seal-1").public().to_spki_pem();
    world.write("seal-1.pem", pem.as_bytes());
    let page = page();
    let recipe = page.split("```sh\nrow=").nth(1).unwrap();
    let recipe = format!("set -e\nrow={}", recipe.split("```").next().unwrap());
    let folder = world.path("chain.jsonl");
    let verify = || {
        let mut shell = std::process::Command::new("sh");
        shell
            .args(["-c", &recipe])
            .current_dir(folder.parent().unwrap());
        shell.output().unwrap()
    };
    let output = verify();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("Verified Successfully"), "{output:?}");

    let chain = String::from_utf8(world.read("chain.jsonl")).unwrap();
    let altered = chain.replace("\"books\":2", "\"books\":3");
    world.write("chain.jsonl", altered.as_bytes());
    assert!(!verify().status.success());
}

fn page() -> String {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/verify.md");
    std::fs::read_to_string(page).unwrap()
}

/// What people and scripts are told; `docs/verify.md` shows the same.
#[test]
fn the_page_shows_what_is_printed() {
    let world = World::new();
    let trust = Trust::given(&world.path("keyring.json")).unwrap();
    let verdict = |file: &str, alter: bool| {
        let mut bytes = world.read(file);
        if alter {
            *bytes.last_mut().unwrap() ^= 1;
        }
        let proof = proof::Proof {
            kind: Kind::of(&bytes).unwrap(),
            bytes: &bytes,
            rows: None,
            known: None,
            ancestry: &[],
        };
        let checked = proof.verify(&trust).unwrap();
        Verdict::new("receipt", Path::new("order-7.receipt"), checked)
    };
    let (good, bad) = (
        verdict("event.receipt", false),
        verdict("event.receipt", true),
    );
    let page = page();
    for shown in [&good, &bad] {
        let block = format!("```text\n{shown}```");
        assert!(page.contains(&block), "{block}");
    }
    let json = serde_json::to_value(&good).unwrap();
    assert_eq!(json["verified"], true);
    assert_eq!(json["event"]["amount"], "100");
    assert_eq!(json["proven"]["signed_by"], "seal-1");
    assert_eq!(json["not_proven"].as_array().unwrap().len(), 1);
    let json = serde_json::to_value(&bad).unwrap();
    assert_eq!(json["verified"], false);
    assert!(json["refused"].is_string());
}
