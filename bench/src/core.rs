//! The core by itself: what deciding a transfer costs, and what hashing its event costs.
//!
//! The workload is the load tester's. What the index of old ids would be asked is not: ids that
//! memory has let go are taken as never seen.

use comfy_table::{CellAlignment, Table};
use ledger::batch::Origin;
use ledger::block::Head;
use ledger::ledger::{Context, Ledger};
use ledger::limits::BATCH_ACCOUNTS_MAX;
use ledger::past::NoPast;
use ledger::posting::Batch;
use ledger::{AssetId, BookId, Code, Nanos, NewAccount, TenantId};
use loadtest::outcome::Outcome;
use loadtest::workload::{IdOrder, Ids, Shape, Workload, account_id};

use crate::CoreArguments;
use crate::timing::{Stage, spread};

const BOOK: BookId = BookId(1);
const ASSET: AssetId = AssetId(1);
/// 2026-01-01, in milliseconds.
const START_MILLIS: u64 = 1_767_225_600_000;

/// A workload with a name.
struct Case {
    name: &'static str,
    accounts: u32,
    order: IdOrder,
    holds: u32,
    hot: u32,
}

const CASES: &[Case] = &[
    case("10k", 10_000, IdOrder::Time, 0, 0),
    case("10k-random-ids", 10_000, IdOrder::Random, 0, 0),
    case("10k-holds", 10_000, IdOrder::Time, 30, 0),
    case("10k-hot", 10_000, IdOrder::Time, 0, 1),
    case("1m", 1_000_000, IdOrder::Time, 0, 0),
    case("1m-random-ids", 1_000_000, IdOrder::Random, 0, 0),
];

const fn case(name: &'static str, accounts: u32, order: IdOrder, holds: u32, hot: u32) -> Case {
    Case {
        name,
        accounts,
        order,
        holds,
        hot,
    }
}

/// Measures the cases and prints what came out.
pub(crate) fn show(arguments: &CoreArguments) -> Outcome<()> {
    let wanted = |case: &&Case| arguments.case.as_ref().is_none_or(|name| name == case.name);
    let cases: Vec<&Case> = CASES.iter().filter(wanted).collect();
    if cases.is_empty() {
        let names: Vec<&str> = CASES.iter().map(|case| case.name).collect();
        return Err(format!("no such case; use one of: {}", names.join(", ")).into());
    }
    let mut table = Table::new();
    table.load_preset(comfy_table::presets::NOTHING);
    table.set_header([
        "case", "post ns", "least", "most", "close ns", "seal ns", "refused",
    ]);
    for case in cases {
        let runs: Vec<Figures> = (0..arguments.runs)
            .map(|_| run(case, arguments))
            .collect::<Outcome<_>>()?;
        let of = |figure: fn(&Figures) -> f64| spread(runs.iter().map(figure).collect());
        let (post, least, most) = of(|run| run.post.nanos_each(run.transfers));
        let (close, ..) = of(|run| run.close.nanos_each(run.transfers));
        let (seal, ..) = of(|run| run.seal.nanos_each(run.transfers));
        let figures = [post, least, most, close, seal].map(|nanos| format!("{nanos:.0}"));
        let refused = runs.iter().map(|run| run.refused).sum::<u64>().to_string();
        table.add_row(
            [case.name.to_owned()]
                .into_iter()
                .chain(figures)
                .chain([refused]),
        );
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    println!("{table}");
    Ok(())
}

/// What a run took.
struct Figures {
    transfers: u64,
    refused: u64,
    post: Stage,
    close: Stage,
    seal: Stage,
}

fn run(case: &Case, arguments: &CoreArguments) -> Outcome<Figures> {
    let mut bench = Bench::new(case)?;
    let shape = Shape {
        books: 1,
        accounts: case.accounts,
        hot: case.hot,
        holds: case.holds,
        lag: u64::from(arguments.cycle),
        effective: None,
    };
    let mut workload = Workload::new(shape, 7, Ids::new(case.order, 11));
    let mut figures = Figures {
        transfers: arguments.transfers,
        refused: 0,
        post: Stage::default(),
        close: Stage::default(),
        seal: Stage::default(),
    };
    let (mut left, mut batches) = (arguments.transfers, 0);
    let (mut transfers, mut results) = (Vec::new(), Vec::new());
    while left != 0 {
        let count = left.min(u64::from(arguments.batch));
        left -= count;
        let ctx = context(batches);
        workload.begin_batch(START_MILLIS + batches);
        transfers.clear();
        transfers.extend((0..count).map(|_| workload.next_transfer()));
        results.clear();
        let ledger = &mut bench.ledger;
        let batch = Batch::of(&transfers);
        figures
            .post
            .run(|| ledger.post(&ctx, BOOK, &batch, &NoPast, &mut results))?;
        figures.refused += results.iter().filter(|r| r.code != Code::Created).count() as u64;
        batches += 1;
        if left == 0 || batches.is_multiple_of(u64::from(arguments.cycle)) {
            bench.cycle(&mut figures)?;
        }
    }
    Ok(figures)
}

/// A ledger with one book and the head of that book's chain.
struct Bench {
    ledger: Ledger,
    head: Head,
    cycles: u64,
}

impl Bench {
    fn new(case: &Case) -> Outcome<Self> {
        let mut bench = Self {
            ledger: Ledger::new([0x9e37, 0x79b9]),
            head: Head::default(),
            cycles: 0,
        };
        let ctx = context(0);
        let codes = [
            bench.ledger.create_tenant(&ctx, TenantId(1), "bench"),
            bench.ledger.create_asset(&ctx, ASSET, "USD", 2),
            bench
                .ledger
                .create_book(&ctx, BOOK, TenantId(1), "bench", false),
        ];
        let mut results = codes.to_vec();
        let indexes: Vec<u32> = (0..case.accounts).collect();
        let mut discarded = Figures::none();
        for part in indexes.chunks(BATCH_ACCOUNTS_MAX) {
            let accounts: Vec<NewAccount> = part.iter().map(|index| account(*index)).collect();
            bench
                .ledger
                .create_accounts(&ctx, BOOK, &accounts, &mut results);
            bench.cycle(&mut discarded)?;
        }
        match results.iter().find(|code| **code != Code::Created) {
            Some(code) => Err(format!("cannot set the ledger up: `{code}`").into()),
            None => Ok(bench),
        }
    }

    /// Closes a cycle as a shard does, with an index that is one cycle behind.
    fn cycle(&mut self, figures: &mut Figures) -> Outcome<()> {
        self.cycles += 1;
        let (ledger, cycles) = (&mut self.ledger, self.cycles);
        let open = figures.close.run(|| {
            let open = ledger.close_blocks();
            ledger.ids_mut().cycle_closed(cycles);
            ledger.ids_mut().forget(cycles - 1);
            open
        });
        let head = &mut self.head;
        figures.seal.run(|| {
            open.into_iter()
                .filter(|(book, _)| *book == BOOK)
                .try_for_each(|(book, open)| head.seal(book, open).map(drop))
        })?;
        Ok(())
    }
}

impl Figures {
    fn none() -> Self {
        Self {
            transfers: 0,
            refused: 0,
            post: Stage::default(),
            close: Stage::default(),
            seal: Stage::default(),
        }
    }
}

fn account(index: u32) -> NewAccount {
    NewAccount {
        id: account_id(index),
        asset: ASSET,
        code: 1,
        user_data: 0,
        settings: Default::default(),
    }
}

fn context(batches: u64) -> Context {
    Context {
        now: Nanos((START_MILLIS + batches) * 1_000_000),
        origin: Origin::daemon(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_case_runs_and_nothing_is_refused() {
        let arguments = CoreArguments {
            transfers: 2_000,
            runs: 1,
            batch: 300,
            cycle: 2,
            case: None,
        };
        for case in CASES.iter().filter(|case| case.accounts <= 10_000) {
            let figures = run(case, &arguments).unwrap();
            assert_eq!(figures.refused, 0, "{}", case.name);
            assert!(figures.post.nanos_each(1) > 0.0 && figures.seal.nanos_each(1) > 0.0);
        }
    }
}
