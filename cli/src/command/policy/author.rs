//! What authors of policies do, without a connection.

mod begin;
mod bench;
mod check;
mod explain;
mod sign;
mod test;

use std::io;

use crate::args::AuthorCommand;
use crate::exit::Exit;
use crate::fault::Fault;
use crate::output::Output;

pub(in crate::command) async fn run(
    output: Output,
    command: &AuthorCommand,
) -> Result<Exit, Fault> {
    match command {
        AuthorCommand::New(args) => begin::run(output, args),
        AuthorCommand::Check(args) => check::run(output, args),
        AuthorCommand::Test(args) => test::run(output, args),
        AuthorCommand::Bench(args) => bench::run(output, args),
        AuthorCommand::Explain(args) => explain::run(output, args),
        AuthorCommand::Sign(args) => sign::run(output, args).await,
        AuthorCommand::Compile => compile(),
    }
}

/// Compiles what comes from standard input: the process that `check` and `test` start. It limits
/// itself for good, so nothing else may run in it.
pub(in crate::command) fn compile() -> Result<Exit, Fault> {
    let (mut input, mut output) = (io::stdin().lock(), io::stdout().lock());
    plugins_host::compile::serve(&mut input, &mut output).map_err(Fault::Output)?;
    Ok(Exit::Success)
}

#[cfg(test)]
mod tests;
