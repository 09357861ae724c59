//! Kills daemons under load and holds what they recover against what clients were told.

mod answers;
mod author;
mod damage;
mod request;
mod round;
mod seals;
mod site;
mod traffic;
mod truth;
mod witness;

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use serde::Serialize;

use crate::binary;
use crate::outcome::Outcome;

use damage::Damages;
use round::World;
use site::Site;
use witness::Violations;

/// How the crash tester runs.
#[derive(Args, Clone, Debug)]
pub struct CrashArguments {
    /// How often the daemon is killed under load.
    #[arg(long, default_value_t = 50)]
    pub rounds: u32,
    /// How often a copy of its directory is damaged; as often as it is killed unless given.
    #[arg(long)]
    pub damages: Option<u32>,
    /// Seed of the run; drawn and printed unless given. Times of kills vary with the machine all
    /// the same.
    #[arg(long)]
    pub seed: Option<u64>,
    /// Longest time under load before a kill, in milliseconds.
    #[arg(long, value_name = "MS", default_value_t = 1_200,
          value_parser = clap::value_parser!(u64).range(1..))]
    pub load_max: u64,
    /// The journal that the daemon runs on.
    #[arg(long, value_enum, default_value_t = JournalKind::Embedded)]
    pub journal: JournalKind,
    /// The program to kill; the one built beside this one unless given.
    #[arg(long, value_name = "PROGRAM")]
    pub daemon: Option<PathBuf>,
    /// Folder, on a disk, in which directories are made; the build's folder unless given.
    #[arg(long, value_name = "DIR")]
    pub directory: Option<PathBuf>,
    /// Keep the directory; it is always kept after a violation.
    #[arg(long)]
    pub keep: bool,
    /// Print a line of JSON last.
    #[arg(long)]
    pub json: bool,
}

/// A journal that the daemon can run on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum JournalKind {
    /// Segment files.
    Embedded,
}

/// What a run came to.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Summary {
    /// The seed.
    pub seed: u64,
    /// Rounds of kill, restart and comparison.
    pub rounds: u32,
    /// Kills, those during a start included.
    pub kills: u32,
    /// Requests that were answered before a kill.
    pub answered: u64,
    /// Requests that were left without answer.
    pub unanswered: u64,
    /// Events that stand in the end.
    pub events: u64,
    /// Rows of the audit chain in the end.
    pub rows: u64,
    /// Receipts that were fetched before a kill.
    pub receipts: u64,
    /// Longest time from a start to readiness, in seconds.
    pub slowest_start: f64,
    /// Copies that were damaged.
    pub damages: u32,
    /// Damaged copies that were refused, with the file named.
    pub refused: u32,
    /// Damaged copies that were served whole: what was damaged is not needed, or was made anew.
    pub served: u32,
    /// What must never happen, and did.
    pub violations: u64,
}

/// Kills, compares, damages and compares again.
///
/// # Errors
/// The run itself cannot go on; a violation is no error but counted.
pub fn run(arguments: &CrashArguments) -> Outcome<Summary> {
    let JournalKind::Embedded = arguments.journal;
    let seed = arguments.seed.unwrap_or_else(|| fastrand::u64(..1 << 32));
    eprintln!("seed {seed}");
    let binary = binary::find("ledgerd", arguments.daemon.as_deref(), false)?;
    let mut site = Site::make(binary, arguments.directory.as_deref(), arguments.keep)?;
    let mut summary = Summary {
        seed,
        ..Summary::default()
    };
    let mut violations = Violations::default();
    let done = rounds(arguments, &mut site, &mut summary, &mut violations);
    summary.violations = violations.count;
    if done.is_err() || violations.count != 0 {
        site.keep();
    }
    done.map(|()| summary)
}

fn rounds(
    arguments: &CrashArguments,
    site: &mut Site,
    summary: &mut Summary,
    violations: &mut Violations,
) -> Outcome<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let mut random = fastrand::Rng::with_seed(summary.seed);
    let mut world = World::start(site, &runtime)?;
    for number in 1..=arguments.rounds {
        let time = Duration::from_millis(random.u64(..arguments.load_max));
        world.round(
            site,
            &runtime,
            number,
            time,
            &mut random,
            summary,
            violations,
        )?;
        summary.rounds = number;
        if violations.count != 0 {
            return Ok(());
        }
    }
    let record = world.stop(&runtime, violations)?;
    summary.events = record.events();
    summary.rows = record.seals.rows();
    let damages = arguments.damages.unwrap_or(arguments.rounds);
    Damages::new(site, &record, &runtime).run(damages, &mut random, summary, violations)
}
