//! Running an import: rows in, batches out, accounts before the transfers that need them.

use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::BufReader;
use std::time::Instant;

use ledger::{BookId, NewAccount};
use wire::message::Outcomes;

use super::mapping::{Bound, Mapping};
use super::plan::{Move, Named, Planner, RowProblem};
use super::problems::{Problem, Problems};
use super::progress::Progress;
use super::resume::{Resume, ResumeError};
use super::rows::{Row, Rows};
use super::summary::{Parts, Summary};
use super::tally::{Counts, Origin, Tally};
use crate::args::ImportArgs;
use crate::assets::Assets;
use crate::batch::{Batch, Item};
use crate::delivery::{Deed, Delivery};
use crate::exit::Exit;
use crate::fault::Fault;
use crate::output::note;
use crate::session::Session;

/// Imports a file.
pub(crate) async fn run(session: &Session, args: &ImportArgs) -> Result<Exit, Fault> {
    let started = Instant::now();
    let text = fs::read_to_string(&args.mapping)
        .map_err(|error| Fault::Unreadable(args.mapping.clone(), error))?;
    let mapping =
        Mapping::parse(&text).map_err(|problem| Fault::Mapping(args.mapping.clone(), problem))?;
    let rows = open(args, &mapping)?;
    let bound = mapping
        .bind(rows.columns())
        .map_err(|problem| Fault::Mapping(args.mapping.clone(), problem))?;
    let assets = session.assets().await?;
    if args.strict && !is_clean(args, open(args, &mapping)?, &bound, &assets)? {
        return Ok(Exit::Usage);
    }
    let book = session.book().await?;
    let mut import = Import {
        session,
        args,
        book,
        planner: Planner::new(&bound, &assets.0),
        delivery: Delivery::new(session, book, Deed::Post),
        batch: Batch::new(session.client.hello().batch_transfers_max),
        new_accounts: Vec::new(),
        marks: VecDeque::new(),
        counts: Counts::default(),
        tally: Tally::default(),
        problems: Problems::default(),
        progress: Progress::new(fs::metadata(&args.file).map_or(0, |file| file.len())),
        resume: match &args.resume {
            Some(_) => Some(resume(args, book, &text)?),
            None => None,
        },
    };
    import.counts = import
        .resume
        .as_ref()
        .map_or(Counts::default(), |resume| resume.counts);
    let before = import.counts.rows();
    let resumed_after = import.resume.as_ref().map_or(0, |resume| resume.line);
    let done = import.read(rows, resumed_after).await;
    import.progress.finish();
    if let Err(fault) = done {
        let fault = import.delivery.give_up(fault).await;
        note("the import stopped; run it again, what was posted is not posted twice");
        return Err(fault);
    }
    let summary = Summary::of(Parts {
        file: args.file.display().to_string(),
        counts: import.counts,
        resumed_after,
        rows: import.counts.rows() - before,
        elapsed: started.elapsed(),
        mapping: &bound,
        planner: &import.planner,
        tally: &import.tally,
        assets: &assets,
        problems: &import.problems,
    })?;
    session.output.show(&summary, &summary)?;
    Ok(if import.counts.is_clean() {
        Exit::Success
    } else {
        Exit::Refused
    })
}

type CsvFile = Rows<BufReader<File>>;

fn open(args: &ImportArgs, mapping: &Mapping) -> Result<CsvFile, Fault> {
    let file = File::open(&args.file);
    let file = file.map_err(|error| Fault::Unreadable(args.file.clone(), error))?;
    Rows::open(BufReader::new(file), &mapping.dialect)
        .map_err(|error| Fault::Rows(args.file.clone(), error))
}

fn resume(args: &ImportArgs, book: BookId, mapping: &str) -> Result<Resume, Fault> {
    let path = args.resume.clone().unwrap_or_default();
    let start = Resume::start(book.0, &args.file, mapping).map_err(ResumeError::Io);
    let loaded = start.and_then(|start| start.load(&path));
    loaded.map_err(|error| Fault::Resume(path, error))
}

/// Whether every row of the file can be sent; those that cannot are said.
fn is_clean(
    args: &ImportArgs,
    mut rows: CsvFile,
    mapping: &Bound,
    assets: &Assets,
) -> Result<bool, Fault> {
    let mut planner = Planner::new(mapping, &assets.0);
    let mut problems = Problems::default();
    let mut bad = 0;
    while let Some(row) = rows
        .next()
        .map_err(|error| Fault::Rows(args.file.clone(), error))?
    {
        if let Err(problem) = row.and_then(|row| planner.plan(&row)) {
            bad += 1;
            if let Some(problem) = problems.add(Problem::row(&problem)) {
                note(problem);
            }
        }
    }
    if bad != 0 {
        note(format_args!(
            "{bad} bad rows in `{}`; nothing was posted",
            args.file.display()
        ));
    }
    Ok(bad == 0)
}

/// An import on its way.
struct Import<'a> {
    session: &'a Session,
    args: &'a ImportArgs,
    book: BookId,
    planner: Planner<'a>,
    delivery: Delivery<'a, Origin>,
    batch: Batch<Origin>,
    /// Accounts that the batch needs and none before did.
    new_accounts: Vec<Named>,
    /// How far the file was read with each batch on its way.
    marks: VecDeque<Mark>,
    counts: Counts,
    tally: Tally,
    problems: Problems,
    progress: Progress,
    resume: Option<Resume>,
}

/// How far a file was read, and what of it was not sent.
#[derive(Clone, Copy)]
struct Mark {
    line: u64,
    bad: u64,
    skipped: u64,
}

impl Import<'_> {
    async fn read(&mut self, mut rows: CsvFile, after: u64) -> Result<(), Fault> {
        let mut mark = self.mark(after);
        while let Some(row) = self.next(&mut rows)? {
            let (line, planned) = match row {
                Ok(row) if row.line <= after => continue,
                Ok(row) => (row.line, self.planner.plan(&row)),
                Err(problem) if problem.line <= after => continue,
                Err(problem) => (problem.line, Err(problem)),
            };
            match planned {
                Ok(None) => self.counts.skipped += 1,
                Ok(Some(each)) => {
                    let item = item(&each);
                    if !self.batch.fits(std::slice::from_ref(&item)) {
                        self.dispatch(mark).await?;
                        self.progress.at(rows.bytes(), self.counts.rows());
                    }
                    self.new_accounts.extend(each.new_accounts);
                    self.batch.push(item);
                }
                Err(problem) => {
                    self.counts.bad += 1;
                    self.say(Problem::row(&problem));
                }
            }
            mark = self.mark(line);
        }
        self.dispatch(mark).await?;
        let finished = self.delivery.finish().await;
        self.settle()?;
        finished?;
        self.progress.at(rows.bytes(), self.counts.rows());
        Ok(())
    }

    fn next(&self, rows: &mut CsvFile) -> Result<Option<Result<Row, RowProblem>>, Fault> {
        rows.next()
            .map_err(|error| Fault::Rows(self.args.file.clone(), error))
    }

    fn mark(&self, line: u64) -> Mark {
        Mark {
            line,
            bad: self.counts.bad,
            skipped: self.counts.skipped,
        }
    }

    /// Creates the accounts that the batch needs, sends it, and takes what was answered.
    async fn dispatch(&mut self, mark: Mark) -> Result<(), Fault> {
        self.create_accounts().await?;
        if !self.batch.is_empty() {
            let most = self.session.client.hello().batch_transfers_max;
            let batch = std::mem::replace(&mut self.batch, Batch::new(most));
            self.marks.push_back(mark);
            let sent = self.delivery.send(batch).await;
            // What was answered before a fault is done, and is to be remembered.
            self.settle()?;
            sent?;
        }
        Ok(())
    }

    async fn create_accounts(&mut self) -> Result<(), Fault> {
        let needed = std::mem::take(&mut self.new_accounts);
        if needed.is_empty() {
            return Ok(());
        }
        let ids: Vec<_> = needed.iter().map(|named| named.account.id).collect();
        // Who may post may not always create; where nothing is missing nothing is asked for.
        let rows = self.session.accounts(self.book, &ids).await?;
        let missing: Vec<Named> = needed
            .into_iter()
            .zip(rows)
            .filter(|(_, row)| row.is_none())
            .map(|(named, _)| named)
            .collect();
        let most = self.session.client.hello().batch_accounts_max.max(1) as usize;
        for chunk in missing.chunks(most) {
            let accounts: Vec<NewAccount> = chunk.iter().map(|named| named.account).collect();
            let created = self
                .session
                .client
                .create_accounts(self.book, accounts)
                .await?;
            for (index, named) in (0..).zip(chunk) {
                let code = created.code(index);
                if code.is_posted() {
                    self.counts.accounts += 1;
                } else {
                    self.counts.accounts_refused += 1;
                    self.say(Problem::account(named, code));
                }
            }
        }
        Ok(())
    }

    fn settle(&mut self) -> Result<(), Fault> {
        while let Some((batch, outcomes)) = self.delivery.answered() {
            self.count(&batch, &outcomes);
            let Some(mark) = self.marks.pop_front() else {
                continue;
            };
            if let (Some(resume), Some(path)) = (&mut self.resume, &self.args.resume) {
                resume.line = mark.line;
                resume.counts = Counts {
                    bad: mark.bad,
                    skipped: mark.skipped,
                    ..self.counts
                };
                let saved = resume.save(path);
                saved.map_err(|error| Fault::Resume(path.clone(), error))?;
            }
        }
        Ok(())
    }

    fn count(&mut self, batch: &Batch<Origin>, outcomes: &Outcomes) {
        for (index, (transfer, origin)) in (0..).zip(batch.iter()) {
            let code = outcomes.code(index);
            self.counts.decided(code);
            if code.is_posted() {
                self.tally.add(origin, transfer.asset, transfer.amount);
            } else {
                self.say(Problem::refused(origin.line, transfer.id, code));
            }
        }
    }

    fn say(&mut self, problem: Problem) {
        if let Some(problem) = self.problems.add(problem) {
            self.progress.note(problem);
        }
    }
}

fn item(each: &Move) -> Item<Origin> {
    Item {
        transfer: each.transfer,
        reference: each.reference.clone(),
        metadata: Vec::new(),
        belongings: Origin {
            line: each.line,
            rule: each.rule,
            kinds: each.kinds,
        },
    }
}
