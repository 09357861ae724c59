//! Statements.

use wire::message::{Clock, Cursor, Statement};

use crate::args::{ClockArg, StatementArgs};
use crate::exit::Exit;
use crate::fault::Fault;
use crate::instant;
use crate::session::Session;
use crate::view::statement::StatementView;

pub(super) async fn run(session: &Session, args: &StatementArgs) -> Result<Exit, Fault> {
    let book = session.book().await?;
    let row = session.account(book, &args.account).await?;
    let assets = session.assets().await?;
    let asset = assets.get(row.account.asset)?;
    let from = point("--from", args.from.as_deref(), args.by)?;
    let to = point("--to", args.to.as_deref(), args.by)?;
    let most = args.limit.unwrap_or(u64::MAX);
    let mut opening = None;
    let mut lines = Vec::new();
    let mut cursor = Cursor::default();
    loop {
        let left = most.saturating_sub(lines.len() as u64);
        let request = Statement {
            account: args.account.id,
            clock: clock(args.by),
            from,
            to,
            limit: u32::try_from(left).unwrap_or(0),
            cursor: cursor.clone(),
        };
        let page = session.client.statement(book, request).await?;
        let credits = page.opening_credits as i128;
        opening.get_or_insert(credits.wrapping_sub(page.opening_debits as i128));
        let is_empty = page.lines.is_empty();
        lines.extend(page.lines);
        if page.next.is_empty() || lines.len() as u64 >= most {
            break;
        }
        if is_empty || page.next == cursor {
            return Err(Fault::EndlessList);
        }
        cursor = page.next;
    }
    lines.truncate(usize::try_from(most).unwrap_or(usize::MAX));
    let view = StatementView::of(args.account.id, opening.unwrap_or(0), &lines, asset);
    session.output.show(&view, view.table())?;
    Ok(Exit::Success)
}

fn clock(by: ClockArg) -> Clock {
    match by {
        ClockArg::Seq => Clock::Seq,
        ClockArg::Posted => Clock::PostedAt,
        ClockArg::Effective => Clock::EffectiveAt,
    }
}

/// A point of the clock that the statement is in order of; 0 where none is given.
fn point(name: &'static str, text: Option<&str>, by: ClockArg) -> Result<u64, Fault> {
    let Some(text) = text else {
        return Ok(0);
    };
    match by {
        ClockArg::Seq => text
            .parse()
            .map_err(|_| Fault::Sequence(name, text.to_owned())),
        ClockArg::Posted | ClockArg::Effective => instant::parse(text)
            .map(|time| time.0)
            .map_err(|error| Fault::Instant(name, text.to_owned(), error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_of_the_clock() {
        let read = |text, by| point("--from", Some(text), by).map_err(|fault| fault.to_string());
        assert_eq!(point("--from", None, ClockArg::Posted).unwrap(), 0);
        assert_eq!(read("17", ClockArg::Seq), Ok(17));
        assert_eq!(
            read("1993-01-01", ClockArg::Effective),
            Ok(725_846_400_000_000_000)
        );
        assert_eq!(
            read("1993-01-01", ClockArg::Seq).unwrap_err(),
            "--from `1993-01-01`: not a sequence; write a number, or set `--by`"
        );
        assert!(
            read("17", ClockArg::Posted)
                .unwrap_err()
                .starts_with("--from `17`: not a time")
        );
    }
}
