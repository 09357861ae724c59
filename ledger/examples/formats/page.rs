//! The generated parts of `docs/formats.md` and `docs/errors.md`, each between a line that names it
//! and a line that ends it.

use std::fmt::Write as _;
use std::path::PathBuf;

use ledger::event::kind;
use ledger::merkle::{Frontier, leaf};
use ledger::{Code, Event, TransferFlags};

use crate::book::{BOOK, story};
use crate::layout::layout;
use crate::samples;
use crate::vectors::{hex, vector};

/// The pages that have such parts.
pub(crate) const PAGES: [&str; 2] = ["formats.md", "errors.md"];

const END: &str = "<!-- end -->";

/// Where a page is.
pub(crate) fn path(page: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../docs")
        .join(page)
}

/// The page with every part made anew that is ours to make.
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
            .and_then(|line| line.strip_suffix(" -->"));
        if let Some(part) = name.and_then(part) {
            out.push('\n');
            out.push_str(part.trim_end());
            out.push_str("\n\n");
            is_old = true;
        }
    }
    out
}

/// None for a part that another program makes.
fn part(name: &str) -> Option<String> {
    Some(match name.split_once(' ') {
        Some(("record", name)) => table(name) + &quote(name),
        Some(("vector", name)) => quote(name),
        Some(("codes", class)) => codes(class.parse().unwrap()),
        None if name == "kinds" => kinds(),
        None if name == "flags" => flags(),
        None if name == "tree" => tree(),
        None if name == "book" => book(),
        _ => return None,
    })
}

fn table(name: &str) -> String {
    let (layout, bytes) = (layout(name), vector(name));
    assert_eq!(layout.bytes(), bytes.len(), "{name}");
    let mut out = "| offset | bytes | field | type | meaning | in the vector |\n".to_owned();
    out.push_str("|---|---|---|---|---|---|\n");
    for (at, field) in layout.offsets() {
        let width = field.kind.bytes();
        let value = field.kind.show(&bytes[at..at + width]);
        let (name, kind, meaning) = (field.name, field.kind.name(), field.meaning);
        writeln!(
            out,
            "| {at} | {width} | `{name}` | {kind} | {meaning} | {value} |"
        )
        .unwrap();
    }
    out + "\n"
}

fn quote(name: &str) -> String {
    format!(
        "`ledger/vectors/{name}.hex`\n\n```text\n{}```\n\n",
        hex(&vector(name))
    )
}

fn kinds() -> String {
    let mut out = "| kind | record | bytes |\n|---|---|---|\n".to_owned();
    let mut rows: Vec<(u8, &str, usize)> = samples::events()
        .into_iter()
        .map(|(name, event)| {
            let mut bytes = Vec::new();
            event.encode(&mut bytes);
            (bytes[0], name, bytes.len())
        })
        .collect();
    rows.sort_unstable();
    for (kind, name, bytes) in rows {
        assert_eq!(Event::width(kind), Some(bytes));
        let anchor = if kind == kind::TRANSFER_NOTED {
            "transfer"
        } else {
            name
        };
        writeln!(out, "| {kind} | [`{name}`](#{anchor}) | {bytes} |").unwrap();
    }
    out
}

fn flags() -> String {
    let mut out = "| bit | name |\n|---|---|\n".to_owned();
    for (flag, name) in TransferFlags::ALL {
        writeln!(out, "| {} | `{name}` |", flag.0.trailing_zeros()).unwrap();
    }
    out
}

/// Roots of trees over the events of the page.
fn tree() -> String {
    let mut out = "| leaves | last leaf | hash of the last leaf | root |\n".to_owned();
    out.push_str("|---|---|---|---|\n");
    let mut frontier = Frontier::new();
    writeln!(out, "| 0 | | | `{}` |", frontier.root()).unwrap();
    for (size, (name, event)) in (1..).zip(samples::events()) {
        let mut record = Vec::new();
        event.encode(&mut record);
        let hash = leaf(&record);
        frontier.push(hash);
        let root = frontier.root();
        writeln!(out, "| {size} | `{name}` | `{hash}` | `{root}` |").unwrap();
    }
    out
}

/// The chain of the small book.
fn book() -> String {
    let mut out = "| height | events | tree size | block hash |\n|---|---|---|---|\n".to_owned();
    for block in story().blocks.iter().filter(|b| b.header.book == BOOK) {
        let header = &block.header;
        let (height, count, size) = (header.height, header.count, header.tree_size);
        writeln!(out, "| {height} | {count} | {size} | `{}` |", block.hash).unwrap();
    }
    out
}

/// Codes of one class of a hundred.
fn codes(class: u16) -> String {
    let mut out =
        "| number | name | retry | nothing posted | meaning |\n|---|---|---|---|---|\n".to_owned();
    for code in Code::ALL
        .iter()
        .filter(|code| code.number() / 100 * 100 == class)
    {
        let yes = |is: bool| if is { "yes" } else { "no" };
        let (retry, none) = (yes(code.is_retryable()), yes(code.has_no_side_effects()));
        let (number, doc) = (code.number(), code.doc());
        writeln!(out, "| {number} | `{code}` | {retry} | {none} | {doc} |").unwrap();
    }
    out
}
