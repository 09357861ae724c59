//! Commands: each asks, and shows what was answered.

mod account;
mod approve;
mod balance;
mod book;
mod ceremony;
mod find;
mod policy;
mod post;
mod proof;
mod registry;
mod signers;
mod signing_key;
mod statement;
mod tail;
mod transfer;
mod unit;
mod verify;

use std::path::Path;

use crate::args::{AuthorCommand, Cli, Command, PolicyCommand, SignersCommand};
use crate::delivery::Deed;
use crate::exit::Exit;
use crate::fault::Fault;
use crate::import;
use crate::output::Output;
use crate::session::Session;
use crate::view::decided::DecidedView;
use crate::view::hello::HelloView;
use crate::view::totals::TotalsView;

/// Does what must be done before any thread is started.
pub(crate) fn run_alone(cli: &Cli) -> Option<Result<Exit, Fault>> {
    match &cli.command {
        Command::Policy(PolicyCommand::Author(AuthorCommand::Compile)) => {
            Some(policy::author::compile())
        }
        _ => None,
    }
}

/// Does what the command line asks for.
pub(crate) async fn run(cli: &Cli, state_home: Option<&Path>) -> Result<Exit, Fault> {
    let output = Output::of(&cli.global);
    match &cli.command {
        Command::Verify(command) => return verify::run(output, command),
        Command::Signers(SignersCommand::Ceremony(command)) => {
            return ceremony::run(output, command);
        }
        Command::Policy(PolicyCommand::Author(command)) => {
            return policy::author::run(output, command).await;
        }
        Command::Approve(args) if args.file.is_some() => {
            return approve::in_file(output, args).await;
        }
        _ => {}
    }
    let session = Session::open(&cli.global, state_home).await?;
    let done = dispatch(&session, &cli.command).await;
    session.client.close().await;
    done
}

async fn dispatch(session: &Session, command: &Command) -> Result<Exit, Fault> {
    match command {
        Command::Hello => hello(session),
        Command::Tenant(command) => registry::tenant(session, command).await,
        Command::Asset(command) => registry::asset(session, command).await,
        Command::Book(command) => book::run(session, command).await,
        Command::Account(command) => account::run(session, command).await,
        Command::Transfer(args) => transfer::transfer(session, args).await,
        Command::Hold(args) => transfer::hold(session, args).await,
        Command::Capture(args) => transfer::capture(session, args).await,
        Command::Void(args) => transfer::void(session, args).await,
        Command::Reverse(args) => transfer::reverse(session, args).await,
        Command::Post { post: args, sealed } => {
            let deed = if *sealed {
                Deed::PostSealed
            } else {
                Deed::Post
            };
            post::run(session, args, deed).await
        }
        Command::DryRun(args) => post::run(session, args, Deed::DryRun).await,
        Command::Import(args) => import::run::run(session, args).await,
        Command::Balance(args) => balance::run(session, args).await,
        Command::Statement(args) => statement::run(session, args).await,
        Command::Query(args) => find::query(session, args).await,
        Command::Lookup(args) => find::lookup(session, args).await,
        Command::Tail(args) => tail::run(session, args).await,
        Command::Totals => totals(session).await,
        Command::Proof(command) => proof::run(session, command).await,
        Command::Verify(command) => verify::run(session.output, command),
        Command::Signers(command) => signers::run(session, command).await,
        Command::Approve(args) => approve::run(session, args).await,
        Command::Policy(command) => policy::run(session, command).await,
        Command::Erase(args) => {
            let book = session.book().await?;
            let decided = session.client.erase_note(book, args.transfer.id).await?;
            let what = format!("note of {}", args.transfer.text);
            session.output.line(&DecidedView::of(&decided, what))?;
            Ok(Exit::of_item(decided.code))
        }
    }
}

fn hello(session: &Session) -> Result<Exit, Fault> {
    let view = HelloView::of(session.client.hello());
    session.output.show(&view, view.pairs())?;
    Ok(Exit::Success)
}

async fn totals(session: &Session) -> Result<Exit, Fault> {
    let book = session.book().await?;
    let (totals, assets) = (session.client.totals(book).await?, session.assets().await?);
    let view = TotalsView::of(&totals, &assets)?;
    session.output.show(&view, view.table())?;
    Ok(if view.is_balanced() {
        Exit::Success
    } else {
        Exit::Refused
    })
}
