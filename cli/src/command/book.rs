//! Books.

use ledger::event::BookChange;
use ledger::{BookId, Nanos};
use wire::message::{ChangeBook, CreateBook, Decided};

use crate::args::{BookChangeArgs, BookCommand, Switch};
use crate::exit::Exit;
use crate::fault::Fault;
use crate::session::Session;
use crate::view::decided::DecidedView;
use crate::view::registry::BookView;

pub(super) async fn run(session: &Session, command: &BookCommand) -> Result<Exit, Fault> {
    let unlocked = Nanos(0);
    match command {
        BookCommand::Create {
            id,
            name,
            tenant,
            importing,
        } => {
            let request = CreateBook {
                book: BookId(*id),
                tenant: session.tenant(tenant).await?,
                name: *name,
                importing: *importing,
            };
            let decided = session.client.create_book(request).await?;
            show(session, &decided, format!("book {name}"))
        }
        BookCommand::List => {
            let books = session.books().await?;
            let rows: Vec<BookView> = books.iter().map(BookView::of).collect();
            session.output.show(&rows, BookView::table(&rows))?;
            Ok(Exit::Success)
        }
        BookCommand::Halt(args) => change(session, BookChange::Halted, unlocked, args).await,
        BookCommand::Resume(args) => change(session, BookChange::Resumed, unlocked, args).await,
        BookCommand::Lock { date, change: args } => {
            change(session, BookChange::Locked, *date, args).await
        }
        BookCommand::Open(args) => change(session, BookChange::Opened, unlocked, args).await,
        BookCommand::RequireSealed { wait, change: args } => {
            let what = match wait {
                Switch::On => BookChange::SealedRequired,
                Switch::Off => BookChange::SealedNotRequired,
            };
            change(session, what, unlocked, args).await
        }
    }
}

async fn change(
    session: &Session,
    change: BookChange,
    effective_lock: Nanos,
    args: &BookChangeArgs,
) -> Result<Exit, Fault> {
    let book = session.book().await?;
    let request = ChangeBook {
        change,
        reason: args.reason,
        effective_lock,
    };
    let decided = session.client.change_book(book, request).await?;
    show(session, &decided, format!("book {book} {}", change.name()))
}

fn show(session: &Session, decided: &Decided, what: String) -> Result<Exit, Fault> {
    session.output.line(&DecidedView::of(decided, what))?;
    Ok(Exit::of_item(decided.code))
}
