//! Writes the vectors in `ledger/vectors` and the generated parts of `docs/formats.md` and
//! `docs/errors.md` anew. The tests in `ledger/tests/it/formats` hold them against the code.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "whoever runs it wants to see why it stops"
)]

mod book;
mod layout;
mod page;
mod samples;
mod vectors;

fn main() -> std::io::Result<()> {
    for (name, bytes) in vectors::all() {
        std::fs::write(vectors::path(&name), vectors::hex(&bytes))?;
    }
    for page in page::PAGES {
        let text = std::fs::read_to_string(page::path(page))?;
        std::fs::write(page::path(page), page::renewed(&text))?;
    }
    Ok(())
}
