//! Transfers from a file of JSON lines.

use std::fs::File;
use std::io::{BufRead, BufReader, stdin};
use std::path::Path;
use std::time::Instant;

use ledger::{BookId, Code, TransferFlags};
use serde::Serialize;

use crate::args::PostArgs;
use crate::assets::Assets;
use crate::batch::{Batch, Item};
use crate::delivery::{Deed, Delivery};
use crate::exit::Exit;
use crate::fault::Fault;
use crate::jsonl::{self, LineFault, LineProblem};
use crate::lines::Lines;
use crate::output::{Output, note};
use crate::session::Session;
use crate::view::decided::DecidedView;

/// Posts or tries the lines of a file.
pub(super) async fn run(session: &Session, args: &PostArgs, deed: Deed) -> Result<Exit, Fault> {
    let started = Instant::now();
    let assets = session.assets().await?;
    if let Some(code) = &args.asset {
        assets.named(code)?;
    }
    if args.strict && !is_clean(args, &assets)? {
        return Ok(Exit::Usage);
    }
    let book = session.book().await?;
    let mut posting = Posting::new(session, book, deed);
    let read = posting.read(Sets::open(args, &assets)?).await;
    let Tally {
        posted,
        existing,
        refused,
        bad,
    } = posting.tally;
    let verb = if deed == Deed::DryRun {
        "would be posted"
    } else {
        "posted"
    };
    let seconds = started.elapsed().as_secs_f64();
    let rate = (posted as f64 / seconds.max(1e-9)) as u64;
    note(format_args!(
        "{posted} {verb}, {existing} existed, {refused} refused, {bad} bad, in {seconds:.2} s \
         ({rate}/s)"
    ));
    if let Err(fault) = read {
        let fault = posting.delivery.give_up(fault).await;
        note("it stopped; run it again, what was posted is not posted twice");
        return Err(fault);
    }
    Ok(if refused == 0 && bad == 0 {
        Exit::Success
    } else {
        Exit::Refused
    })
}

/// Whether every line of the file can be sent; those that cannot are said.
fn is_clean(args: &PostArgs, assets: &Assets) -> Result<bool, Fault> {
    if is_stdin(&args.file) {
        return Err(Fault::StrictStream);
    }
    let mut sets = Sets::open(args, assets)?;
    let mut bad = 0;
    while let Some(set) = sets.next()? {
        for problem in set.err().unwrap_or_default() {
            bad += 1;
            note(problem);
        }
    }
    if bad != 0 {
        let file = args.file.display();
        note(format_args!(
            "{bad} bad lines in `{file}`; nothing was sent"
        ));
    }
    Ok(bad == 0)
}

fn is_stdin(file: &Path) -> bool {
    file == Path::new("-")
}

/// Entry sets of a file: lines that are linked, or one that is not.
struct Sets<'a> {
    lines: Lines<Box<dyn BufRead>>,
    args: &'a PostArgs,
    assets: &'a Assets,
}

type Set = Result<Vec<Item<u64>>, Vec<LineProblem>>;

impl<'a> Sets<'a> {
    fn open(args: &'a PostArgs, assets: &'a Assets) -> Result<Self, Fault> {
        let reader: Box<dyn BufRead> = if is_stdin(&args.file) {
            Box::new(BufReader::new(stdin()))
        } else {
            let file = File::open(&args.file);
            let file = file.map_err(|error| Fault::Unreadable(args.file.clone(), error))?;
            Box::new(BufReader::new(file))
        };
        Ok(Self {
            lines: Lines::new(reader, &args.file),
            args,
            assets,
        })
    }

    /// The next set, or what is wrong with each of its lines: one bad line is the end of all of
    /// them. A bad line ends its set, since what it links to is not known.
    fn next(&mut self) -> Result<Option<Set>, Fault> {
        let mut items = Vec::new();
        while let Some(line) = self.lines.next()? {
            let asset = self.args.asset.as_deref();
            match jsonl::parse(line.number, &line.bytes, asset, self.assets) {
                Ok(item) => {
                    let is_linked = item.transfer.flags.has(TransferFlags::LINKED);
                    items.push(item);
                    if items.len() > ledger::limits::ENTRY_SET_MAX {
                        return Err(self.too_long(&items));
                    }
                    if !is_linked {
                        return Ok(Some(Ok(items)));
                    }
                }
                Err(problem) => {
                    let bad = |item: &Item<u64>| {
                        let fault = LineFault::BadSet(line.number);
                        LineProblem::of(item.belongings, "", "", fault)
                    };
                    let mut problems: Vec<LineProblem> = items.iter().map(bad).collect();
                    problems.push(problem);
                    return Ok(Some(Err(problems)));
                }
            }
        }
        // A set that stays open at the end is the ledger's to refuse.
        Ok((!items.is_empty()).then_some(Ok(items)))
    }

    fn too_long(&self, items: &[Item<u64>]) -> Fault {
        let first = items.first().map_or(0, |item| item.belongings);
        Fault::LongSet(self.args.file.clone(), first)
    }
}

/// Lines on their way.
struct Posting<'a> {
    session: &'a Session,
    deed: Deed,
    delivery: Delivery<'a, u64>,
    batch: Batch<u64>,
    tally: Tally,
}

/// How many lines ended how.
#[derive(Clone, Copy, Default)]
struct Tally {
    posted: u64,
    existing: u64,
    refused: u64,
    bad: u64,
}

/// A line that was not sent.
#[derive(Serialize)]
struct BadLine {
    line: u64,
    code: &'static str,
    posted: bool,
    message: String,
}

impl<'a> Posting<'a> {
    fn new(session: &'a Session, book: BookId, deed: Deed) -> Self {
        Self {
            session,
            deed,
            delivery: Delivery::new(session, book, deed),
            batch: Batch::new(session.client.hello().batch_transfers_max),
            tally: Tally::default(),
        }
    }

    async fn read(&mut self, mut sets: Sets<'_>) -> Result<(), Fault> {
        while let Some(set) = sets.next()? {
            match set {
                Ok(items) => {
                    if !self.batch.fits(&items) {
                        self.dispatch().await?;
                    }
                    if !self.batch.fits(&items) {
                        return Err(sets.too_long(&items));
                    }
                    items.into_iter().for_each(|item| self.batch.push(item));
                }
                Err(problems) => {
                    for problem in &problems {
                        self.bad(problem)?;
                    }
                }
            }
        }
        self.dispatch().await?;
        let finished = self.delivery.finish().await;
        self.settle()?;
        finished
    }

    async fn dispatch(&mut self) -> Result<(), Fault> {
        if self.batch.is_empty() {
            return Ok(());
        }
        let most = self.session.client.hello().batch_transfers_max;
        let batch = std::mem::replace(&mut self.batch, Batch::new(most));
        let sent = self.delivery.send(batch).await;
        // What was answered before a fault is to be told.
        self.settle()?;
        sent
    }

    fn bad(&mut self, problem: &LineProblem) -> Result<(), Fault> {
        self.tally.bad += 1;
        let view = BadLine {
            line: problem.line,
            code: "not_sent",
            posted: false,
            message: problem.to_string(),
        };
        self.session.output.show(&view, format_args!("{problem}\n"))
    }

    /// Tells how each line was decided; people only of those that were refused.
    fn settle(&mut self) -> Result<(), Fault> {
        while let Some((batch, outcomes)) = self.delivery.answered() {
            for (index, (transfer, line)) in (0..).zip(batch.iter()) {
                let code = outcomes.code(index);
                match code {
                    Code::Created => self.tally.posted += 1,
                    Code::Exists => self.tally.existing += 1,
                    _ => self.tally.refused += 1,
                }
                if self.session.output == Output::People && code.is_posted() {
                    continue;
                }
                let view = DecidedView::item(code, outcomes.seq(index), outcomes.height)
                    .with_id(transfer.id.0, None)
                    .with_line(*line);
                let is_dry = self.deed == Deed::DryRun;
                let view = if is_dry { view.of_dry_run() } else { view };
                self.session.output.line(&view)?;
            }
        }
        Ok(())
    }
}
