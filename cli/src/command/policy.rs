//! Policies: written, checked and tested here, put in force by the daemon.

pub(super) mod author;
mod rollout;

use crate::args::PolicyCommand;
use crate::exit::Exit;
use crate::fault::Fault;
use crate::session::Session;

/// Does what needs a connection.
pub(super) async fn run(session: &Session, command: &PolicyCommand) -> Result<Exit, Fault> {
    match command {
        PolicyCommand::Author(command) => author::run(session.output, command).await,
        PolicyCommand::Rollout(command) => rollout::run(session, command).await,
    }
}
