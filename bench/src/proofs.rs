//! Seals and proofs by themselves: no network, one thread.

mod chain;
mod heads;
mod log;

use std::path::Path;
use std::time::{Duration, Instant};

use comfy_table::{CellAlignment, Table};
use loadtest::folder::{beside_program, refuse_memory};
use loadtest::latency::quantile;
use loadtest::outcome::Outcome;
use loadtest::target::OwnFolder;

use crate::ProofsArguments;

/// What was measured, in order.
#[derive(Debug, Default)]
struct Figures(Vec<Figure>);

/// How long one thing takes.
#[derive(Clone, Copy, Debug)]
struct Figure {
    name: &'static str,
    /// Things of it in a second.
    per_second: f64,
    /// Microseconds of one: half take at most this, 99 of 100, and all.
    each: Option<[f64; 3]>,
}

/// Measures everything and prints what came out.
pub(crate) fn show(arguments: &ProofsArguments) -> Outcome<()> {
    let parent = match &arguments.directory {
        Some(directory) => directory.clone(),
        None => beside_program()?,
    };
    let folder = OwnFolder::create(&parent, "bench", false)?;
    refuse_memory(folder.path())?;
    let figures = run(arguments, folder.path())?;
    if arguments.json {
        println!("{}", figures.json());
    } else {
        println!("{}", figures.table());
    }
    Ok(())
}

fn run(arguments: &ProofsArguments, folder: &Path) -> Outcome<Figures> {
    let mut figures = Figures::default();
    let mut chain = chain::Chain::new()?;
    log::run(arguments, folder, &mut chain, &mut figures)?;
    heads::run(arguments, &mut figures)?;
    chain::run(arguments, &mut chain, &mut figures)?;
    Ok(figures)
}

impl Figures {
    /// Adds what took so long for `count` of it together.
    fn together(&mut self, name: &'static str, count: u64, took: Duration) {
        self.0.push(Figure {
            name,
            per_second: count as f64 / took.as_secs_f64(),
            each: None,
        });
    }

    /// Runs `work` so many times, each by itself.
    fn each(
        &mut self,
        name: &'static str,
        times: u32,
        mut work: impl FnMut(u32) -> Outcome<()>,
    ) -> Outcome<()> {
        let mut took = Vec::new();
        for number in 0..times {
            let start = Instant::now();
            work(number)?;
            took.push(start.elapsed());
        }
        let all: Duration = took.iter().sum();
        took.sort_unstable();
        let at = |share| {
            let took = quantile(&took, share).unwrap_or_default();
            took.as_secs_f64() * 1e6
        };
        self.0.push(Figure {
            name,
            per_second: f64::from(times) / all.as_secs_f64(),
            each: Some([at(0.5), at(0.99), at(1.0)]),
        });
        Ok(())
    }

    fn table(&self) -> Table {
        let mut table = Table::new();
        table.load_preset(comfy_table::presets::NOTHING);
        table.set_header(["what", "per second", "p50 µs", "p99 µs", "max µs"]);
        for figure in &self.0 {
            let micros = |at: usize| match figure.each {
                Some(each) => format!("{:.1}", each[at]),
                None => String::new(),
            };
            table.add_row([
                figure.name.to_owned(),
                loadtest::report::grouped(figure.per_second),
                micros(0),
                micros(1),
                micros(2),
            ]);
        }
        for column in table.column_iter_mut().skip(1) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        table
    }

    fn json(&self) -> String {
        let rows = self.0.iter().map(|figure| {
            let value = serde_json::json!({
                "per_second": figure.per_second,
                "p50_us": figure.each.map(|each| each[0]),
                "p99_us": figure.each.map(|each| each[1]),
                "max_us": figure.each.map(|each| each[2]),
            });
            (figure.name.to_owned(), value)
        });
        serde_json::Value::Object(rows.collect()).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_measured_and_nothing_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let arguments = ProofsArguments {
            events: 3_000,
            range: 1_000,
            proofs: 200,
            books: 100,
            moving: 10,
            rows: 50,
            directory: Some(folder.path().to_owned()),
            json: true,
        };
        let inner = OwnFolder::create(folder.path(), "test", false).unwrap();
        let figures = run(&arguments, inner.path()).unwrap();
        drop(inner);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        let json: serde_json::Value = serde_json::from_str(&figures.json()).unwrap();
        let rows = json.as_object().unwrap();
        assert_eq!(rows.len(), figures.0.len(), "no name stands twice");
        assert!(rows.len() >= 10);
        for (name, row) in rows {
            assert!(row["per_second"].as_f64().unwrap() > 0.0, "{name}");
        }
    }
}
