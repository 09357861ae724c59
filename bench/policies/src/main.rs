//! The same rule as a policy of ours, in Cedar and in Rego, over the same random batches: first
//! that all of them decide every transfer alike, then what each costs.

mod cedar;
mod ours;
mod rego;
mod world;

use std::error::Error;
use std::hint::black_box;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use cedar::Cedar;
use ours::{Input, Ours};
use rego::Rego;
use world::Batch;

/// Whoever runs a benchmark reads its errors, so they stay text.
pub type Outcome<T> = Result<T, Box<dyn Error>>;

const SIZES: [usize; 4] = [1, 100, 1_000, 8_190];
/// Batches that are compared before anything is measured.
const COMPARED: usize = 200;
/// How long one figure is measured.
const TIME: Duration = Duration::from_millis(700);
const NOON: u64 = 12;

const USAGE: &str = "\
usage: ledgerd-bench-policies NAME=COMPONENT...

Compares the rule of `examples/policies`, as components and in other policy languages: that they
decide alike, and what each costs. `cargo xtask bench policies` builds the components and runs it.
";

fn main() -> ExitCode {
    let components: Option<Vec<(String, PathBuf)>> = std::env::args()
        .skip(1)
        .map(|word| {
            word.split_once('=')
                .map(|(name, file)| (name.to_owned(), file.into()))
        })
        .collect();
    let Some(components) = components.filter(|components| !components.is_empty()) else {
        eprint!("{USAGE}");
        return ExitCode::from(2);
    };
    match run(&components) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(components: &[(String, PathBuf)]) -> Outcome<()> {
    let mut ours = Vec::new();
    for (name, file) in components {
        ours.push((name.as_str(), Ours::load(file)?));
    }
    let (cedar, mut one, mut whole) = (Cedar::new()?, Rego::one()?, Rego::batch()?);
    let (transfers, denied) = compare(&ours, &cedar, &mut one, &mut whole)?;
    println!("{transfers} transfers decided alike by all, {denied} of them denied\n");
    println!("nanoseconds a transfer, median: deciding alone, and with making what is asked\n");
    println!("| batch | {:<28} | deciding | with input |", "rule");
    println!("| ---: | --- | ---: | ---: |");
    let mut rng = fastrand::Rng::with_seed(7);
    for size in SIZES {
        let batch = Batch::random(size, NOON, &mut rng);
        for (name, ours) in &ours {
            show(size, &format!("component, {name}"), of_ours(ours, &batch)?);
        }
        show(size, "Cedar, each transfer", of_cedar(&cedar, &batch)?);
        show(
            size,
            "Rego compiled, each transfer",
            of_rego_one(&mut one, &batch)?,
        );
        show(
            size,
            "Rego compiled, whole batch",
            of_rego_batch(&mut whole, &batch)?,
        );
    }
    Ok(())
}

/// Fails unless all of them give every transfer the same rule. How many transfers there were, and
/// how many were denied.
fn compare(
    ours: &[(&str, Ours)],
    cedar: &Cedar,
    one: &mut Rego,
    whole: &mut Rego,
) -> Outcome<(usize, usize)> {
    let mut rng = fastrand::Rng::with_seed(1);
    let (mut transfers, mut denied) = (0, 0);
    for number in 0..COMPARED {
        let size = 1 + rng.usize(..100);
        let batch = Batch::random(size, rng.u64(..24), &mut rng);
        let expected: Vec<u16> = batch
            .transfers
            .iter()
            .map(|transfer| Ok(cedar.decide(&cedar.input(&batch, transfer)?)))
            .collect::<Outcome<_>>()?;
        let agree = |name: &str, found: Vec<u16>| {
            let differs = (0..size).find(|at| expected.get(*at) != found.get(*at));
            differs.map_or(Ok(()), |at| {
                let (cedar, found) = (expected.get(at), found.get(at));
                Err(format!(
                    "batch {number}, transfer {at}: Cedar {cedar:?}, {name} {found:?}"
                ))
            })
        };
        for (name, ours) in ours {
            let mut input = Input::default();
            ours.fill(&batch, &mut input);
            agree(name, Ours::rules(&ours.decide(&input)?, size))?;
        }
        let each = batch.transfers.iter();
        let each = each.map(|transfer| one.decide_one(Rego::input_of_one(&batch, transfer)));
        agree("Rego", each.collect::<Outcome<_>>()?)?;
        let found = whole.decide_batch(Rego::input_of_batch(&batch))?;
        agree("Rego's batch", Rego::rules(&found, size)?)?;
        transfers += size;
        denied += expected.iter().filter(|rule| **rule != 0).count();
    }
    Ok((transfers, denied))
}

/// Nanoseconds a transfer: deciding alone, and with making what is asked.
type Figures = (f64, f64);

fn show(size: usize, name: &str, (decide, both): Figures) {
    println!("| {size} | {name:<28} | {decide:.0} | {both:.0} |");
}

fn of_ours(ours: &Ours, batch: &Batch) -> Outcome<Figures> {
    let size = batch.transfers.len();
    let mut input = Input::default();
    ours.fill(batch, &mut input);
    let decide = median(size, || {
        ours.decide(&input).map(|verdict| drop(black_box(verdict)))
    })?;
    let both = median(size, || {
        ours.fill(batch, &mut input);
        ours.decide(&input).map(|verdict| drop(black_box(verdict)))
    })?;
    Ok((decide, both))
}

fn of_cedar(cedar: &Cedar, batch: &Batch) -> Outcome<Figures> {
    let transfers = &batch.transfers;
    let inputs = transfers
        .iter()
        .map(|transfer| cedar.input(batch, transfer));
    let inputs = inputs.collect::<Outcome<Vec<_>>>()?;
    let decide = median(transfers.len(), || {
        inputs.iter().for_each(|input| {
            black_box(cedar.decide(input));
        });
        Ok(())
    })?;
    let both = median(transfers.len(), || {
        transfers.iter().try_for_each(|transfer| {
            black_box(cedar.decide(&cedar.input(batch, transfer)?));
            Ok(())
        })
    })?;
    Ok((decide, both))
}

fn of_rego_one(rego: &mut Rego, batch: &Batch) -> Outcome<Figures> {
    let transfers = &batch.transfers;
    let inputs = transfers
        .iter()
        .map(|transfer| Rego::input_of_one(batch, transfer));
    let inputs: Vec<_> = inputs.collect();
    let decide = median(transfers.len(), || {
        inputs.iter().try_for_each(|input| {
            // A clone of a value counts a reference.
            black_box(rego.decide_one(input.clone())?);
            Ok(())
        })
    })?;
    let both = median(transfers.len(), || {
        transfers.iter().try_for_each(|transfer| {
            black_box(rego.decide_one(Rego::input_of_one(batch, transfer))?);
            Ok(())
        })
    })?;
    Ok((decide, both))
}

fn of_rego_batch(rego: &mut Rego, batch: &Batch) -> Outcome<Figures> {
    let size = batch.transfers.len();
    let input = Rego::input_of_batch(batch);
    let decide = median(size, || {
        rego.decide_batch(input.clone())
            .map(|it| drop(black_box(it)))
    })?;
    let both = median(size, || {
        let input = Rego::input_of_batch(batch);
        rego.decide_batch(input).map(|rules| drop(black_box(rules)))
    })?;
    Ok((decide, both))
}

/// Median nanoseconds for each of `count` that `work` does.
fn median(count: usize, mut work: impl FnMut() -> Outcome<()>) -> Outcome<f64> {
    for _ in 0..3 {
        work()?;
    }
    let mut times = Vec::new();
    let start = Instant::now();
    while start.elapsed() < TIME || times.len() < 5 {
        let before = Instant::now();
        work()?;
        times.push(before.elapsed());
    }
    times.sort_unstable();
    Ok(times[times.len() / 2].as_nanos() as f64 / count as f64)
}
