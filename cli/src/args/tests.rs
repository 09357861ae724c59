use clap::CommandFactory;

use super::*;

fn parse(line: &str) -> Result<Cli, clap::Error> {
    let words = std::iter::once("ledgerctl").chain(line.split_whitespace());
    Cli::try_parse_from(words)
}

#[test]
fn the_command_line_is_sound() {
    Cli::command().debug_assert();
}

#[test]
fn lines_are_understood() {
    let lines = [
        "hello --json",
        "tenant create 1 demo",
        "asset create 1 USD/2",
        "book create 1 shop --tenant demo --importing",
        "book --book shop lock 2024-01-01",
        "account create name:a name:b --asset USD --floor -10.00 --limit 24h:100:5000",
        "account change 5 --floor none --freeze both --normal debit",
        "transfer name:a 0x10 12.34 --id name:t1 --effective 2024-01-01 --balancing debit",
        "hold 1 2 5 --expires-in 15m",
        "capture name:h 3.00 --keep-open",
        "void name:h",
        "reverse 7 --reference refund",
        "post - --asset USD --sealed",
        "book --book shop require-sealed on --reason 4",
        "transfer name:a name:b 1.00 --sealed",
        "import f.csv --mapping m.toml --strict --resume s.json",
        "balance 1 2 --effective 2024-01-01 --known-at 17",
        "statement 1 --by effective --from 2024-01-01",
        "query --account 1 --side debit --code 3 --newest",
        "tail --from 0 --count 3",
        "proof receipt name:a 7 --seq 3 --out d",
        "proof range --from 3 --to 9 --out f --rows r",
        "proof statement name:a --out f",
        "proof consistency --from 3 --out f",
        "proof checkpoint --out f",
        "proof inclusion 3 --out f --rows r",
        "proof ledger --from 2025-11-01 --to 2025-11-30 --out p.json --rows r.jsonl",
        "proof chain --from 5 --out f",
        "verify receipt a b --keyring k --approvers p --environment production --json",
        "verify chain a b --keyring k --head 5:HEX --after 2:HEX",
        "signers list",
        "signers add k --usage seal --public-key f --reason r --ticket t",
        "signers publish-from-kms k --key-id alias/seal --reason r --ticket t",
        "signers promote k --by ann --within 2h",
        "signers promote k --request HEX --reason r --ticket t",
        "signers init --deployment d --environment e --approver a=k=f --threshold 1 \
         --with k=seal=f --out o",
        "signers draft --keyring k --by ann --out a",
        "signers emergency k --public-key f --keyring c --by ann --for 4h --out a",
        "signers recover --anchor 7:HEX --epoch 2 --keyring c --by ann --out a",
        "signers assemble --keyring k --approval a --out s",
        "approve --file a --keyring k --approver-key f",
        "signers revoke k --trusted 7:HEX --reason r --ticket t",
        "signers revoke k --trusted none --reason r --ticket t",
        "signers approve --by ann",
        "signers export --format pem --kid k --out f",
        "approve",
        "approve 0123abcd --approver-key f --yes",
        "approve 0123abcd --kms-key alias/ann --kms-region eu-west-1 --kid approver-ann",
        "approve 0123abcd --pkcs11-module m --pkcs11-token t --pkcs11-key l --pkcs11-pin p --kid k",
        "approve 0123abcd --proxy https://s --proxy-ca c --proxy-api-key k --kid k",
        "--as operator --connect 127.0.0.1:1 totals --timeout 5s",
    ];
    for line in lines {
        let line = &line.replace("HEX", &"0a".repeat(32));
        parse(line).unwrap_or_else(|error| panic!("{line}: {error}"));
    }
}

#[test]
fn misuse_is_told_with_what_to_do() {
    let rows = [
        ("tenant create 0 x", "0 is not in 1.."),
        (
            "tenant create 1 X",
            "not a name; use 1 to 32 of a-z, 0-9 and -",
        ),
        (
            "asset create 1 USD",
            "write code and digits after the point, such as USD/2",
        ),
        ("asset create 1 USD/19", "at most 18 digits"),
        ("asset create 1 usd/2", "a code is 1 to 12 of A-Z and 0-9"),
        (
            "transfer alice 2 1",
            "not an id; write a number, `0x…`, a UUID or `name:TEXT`",
        ),
        (
            "hold 1 2 3 --expires-in soon",
            "write it like `90`, `15m`, `24h` or `7d`",
        ),
        (
            "balance 1 --at-seq 1 --at-time 2024-01-01",
            "cannot be used with",
        ),
        ("balance 1 --known-at 1", "--effective"),
        (
            "balance 1 --at-time yesterday",
            "write a date like `1993-01-31`",
        ),
        (
            "account create 1 --asset USD --limit 24h",
            "write TIME:COUNT:AMOUNT",
        ),
        ("query --side debit", "--account"),
        ("proof receipt --out f", "required arguments"),
        ("proof chain --from 0 --out f", "0 is not in 1.."),
        ("verify receipt a", "--keyring"),
        (
            "verify chain a --keyring k --head 5",
            "its number, a colon and its digest",
        ),
        ("signers promote k", "--by"),
        (
            "signers init --deployment d --environment e --approver a --threshold 1",
            "NAME=KID=FILE",
        ),
        ("signers recover --anchor 7:HEX --epoch 1", "7:HEX"),
        ("approve --file a --approver-key f", "--keyring"),
        (
            "signers promote k --request 00 --reason r --ticket t",
            "write 64 hexadecimal digits",
        ),
        (
            "signers add k --usage approval --public-key f --reason r --ticket t",
            "not a usage",
        ),
        ("signers export --format pem --out f", "--kid"),
        ("approve 0123", "8 to 64 hexadecimal digits"),
        (
            "approve 0123abcd --approver-key f --kms-key k",
            "cannot be used with",
        ),
        ("transfer 1 2 3 --sealed --dry-run", "cannot be used with"),
    ];
    for (line, part) in rows {
        let error = parse(line).unwrap_err();
        assert_eq!(error.exit_code(), i32::from(Exit::Usage.code()));
        let message = error.to_string();
        assert!(message.contains(part), "{line}: {message}");
    }
}

#[test]
fn help_documents_ids_and_exit_codes() {
    let help = Cli::command().render_long_help().to_string();
    assert!(help.contains("name:TEXT"));
    assert!(help.contains("outcome unknown"));
}
