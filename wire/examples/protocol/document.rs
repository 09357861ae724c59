//! The generated parts of `docs/protocol.md`, each between a line that names it and a line that
//! ends it.

use std::fmt::Write as _;
use std::path::PathBuf;

use ledger::{Code, Operation};
use wire::layout::TypeLayout;
use wire::message::{MESSAGES, layouts};

use crate::samples::samples;
use crate::vectors::hex;

const END: &str = "<!-- end -->";

/// Where the document is.
pub(crate) fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/protocol.md")
}

/// The document with every generated part made anew.
pub(crate) fn renewed(text: &str) -> String {
    let mut out = String::new();
    let mut is_old = false;
    for line in text.lines() {
        if line == END {
            is_old = false;
        }
        if !is_old {
            out.push_str(line);
            out.push('\n');
        }
        let name = line
            .strip_prefix("<!-- generated: ")
            .and_then(|l| l.strip_suffix(" -->"));
        if let Some(name) = name {
            out.push('\n');
            out.push_str(part(name).trim_end());
            out.push_str("\n\n");
            is_old = true;
        }
    }
    out
}

fn part(name: &str) -> String {
    match name {
        "types" => types(),
        "codes" => codes(),
        "operations" => index(),
        "failure" => table(&layout("Failure")) + &vector("failure"),
        "post.request_sealed" => vector("post.request_sealed"),
        "subscribe.events" => {
            let vectors = ["subscribe.events", "subscribe.cancel", "subscribe.end"].map(vector);
            table(&layout("EventBatch")) + &vectors.concat()
        }
        name => operation(name),
    }
}

fn layout(name: &str) -> TypeLayout {
    layouts()
        .into_iter()
        .find(|layout| layout.name == name)
        .unwrap()
}

/// Fields with their offsets, as far as those do not depend on values before them.
fn table(layout: &TypeLayout) -> String {
    let mut out = format!("`{}`: {}\n", layout.name, layout.meaning.trim());
    if layout.fields.is_empty() {
        return out + "No fields: the body is empty.\n\n";
    }
    out.push_str("\n| offset | bytes | field | type | meaning |\n|---|---|---|---|---|\n");
    let mut offset = Some(0);
    for field in &layout.fields {
        let at = offset.map_or("–".to_owned(), |at: usize| at.to_string());
        let bytes = field
            .bytes
            .map_or("varies".to_owned(), |bytes| bytes.to_string());
        let (name, kind, meaning) = (field.name, &field.kind, field.meaning.trim());
        writeln!(out, "| {at} | {bytes} | `{name}` | {kind} | {meaning} |").unwrap();
        offset = offset.zip(field.bytes).map(|(at, bytes)| at + bytes);
    }
    out + "\n"
}

fn vector(name: &str) -> String {
    let sample = samples()
        .into_iter()
        .find(|sample| sample.name == name)
        .unwrap();
    format!(
        "`wire/vectors/{name}.hex`\n\n```text\n{}```\n\n",
        hex(&sample.bytes)
    )
}

fn operation(name: &str) -> String {
    let of = |operation: &Operation| operation.name() == name;
    let (operation, request, answer) = MESSAGES
        .iter()
        .find(|(operation, ..)| of(operation))
        .unwrap_or_else(|| panic!("{name}"));
    let shared = ["Post", "Decided", "Outcomes", "ListRequest", "ProofFound"];
    let described = |name: &str| {
        if shared.contains(&name) {
            format!("`{name}`, see [types](#types).\n\n")
        } else {
            table(&layout(name))
        }
    };
    let number = *operation as u8;
    let class = format!("{:?}", operation.class()).to_lowercase();
    format!("Operation {number}, power `{class}`.\n\nRequest: ")
        + &described(request)
        + &vector(&format!("{name}.request"))
        + "Answer: "
        + &described(answer)
        + &vector(&format!("{name}.answer"))
}

/// Parts that several messages share.
fn types() -> String {
    let own = |name: &str| {
        let direct = MESSAGES
            .iter()
            .any(|(_, request, answer)| name == *request || name == *answer);
        let shared = ["Decided", "Outcomes", "ListRequest", "ProofFound"].contains(&name);
        (!direct || shared) && !["Failure", "EventBatch"].contains(&name)
    };
    layouts()
        .iter()
        .filter(|layout| own(layout.name))
        .map(table)
        .collect()
}

fn codes() -> String {
    let mut out =
        "| number | name | retry | nothing posted | meaning |\n|---|---|---|---|---|\n".to_owned();
    for code in Code::ALL {
        let yes = |is: bool| if is { "yes" } else { "no" };
        let (retry, none) = (yes(code.is_retryable()), yes(code.has_no_side_effects()));
        let (number, doc) = (code.number(), code.doc());
        writeln!(out, "| {number} | `{code}` | {retry} | {none} | {doc} |").unwrap();
    }
    out
}

fn index() -> String {
    let mut out =
        "| number | operation | power | request | answer |\n|---|---|---|---|---|\n".to_owned();
    for (operation, request, answer) in MESSAGES {
        let (number, name) = (*operation as u8, operation.name());
        let class = format!("{:?}", operation.class()).to_lowercase();
        writeln!(
            out,
            "| {number} | [`{name}`](#{name}) | {class} | `{request}` | `{answer}` |"
        )
        .unwrap();
    }
    out
}
