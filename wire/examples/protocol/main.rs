//! Writes the vectors in `wire/vectors` and the generated parts of `docs/protocol.md` anew. The
//! tests in `wire/tests/it` hold both against the code.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "whoever runs it wants to see why it stops"
)]

mod document;
mod policy;
mod samples;
mod sealing;
mod vectors;

fn main() -> std::io::Result<()> {
    for sample in samples::samples() {
        std::fs::write(vectors::path(&sample.name), vectors::hex(&sample.bytes))?;
    }
    let text = std::fs::read_to_string(document::path())?;
    std::fs::write(document::path(), document::renewed(&text))
}
