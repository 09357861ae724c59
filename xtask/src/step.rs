//! Steps with a name, a time and a budget.

use std::time::{Duration, Instant};

use crate::outcome::Outcome;

/// Runs steps one after the other and tells what each has cost.
#[derive(Default)]
pub(crate) struct Steps {
    taken: Vec<Taken>,
    notes: Vec<String>,
}

struct Taken {
    name: String,
    time: Duration,
    budget: Duration,
}

impl Steps {
    /// Runs one step. A step over its budget warns; it does not fail, for machines differ.
    pub(crate) fn run<T>(
        &mut self,
        name: &str,
        budget: Duration,
        work: impl FnOnce() -> Outcome<T>,
    ) -> Outcome<T> {
        eprintln!("==> {name}");
        let start = Instant::now();
        let outcome = work();
        let time = start.elapsed();
        match &outcome {
            Ok(_) => eprintln!("    {name}: {:.1} s", time.as_secs_f64()),
            Err(_) => eprintln!("    {name}: failed after {:.1} s", time.as_secs_f64()),
        }
        let taken = Taken {
            name: name.to_owned(),
            time,
            budget,
        };
        if let Some(warning) = taken.warning() {
            eprintln!("{warning}");
        }
        self.taken.push(taken);
        outcome.map_err(|error| format!("{name}: {error}").into())
    }

    /// Remembers something that was not done, to be said again in the summary.
    pub(crate) fn note(&mut self, what: String) {
        self.notes.push(what);
    }

    /// Prints all times again, where they are still to be seen after a long run.
    pub(crate) fn summary(&self) {
        let total: Duration = self.taken.iter().map(|step| step.time).sum();
        eprintln!("==> all in {:.1} s", total.as_secs_f64());
        for step in &self.taken {
            let mark = if step.time > step.budget {
                " over budget"
            } else {
                ""
            };
            eprintln!(
                "    {:<16} {:>8.1} s{mark}",
                step.name,
                step.time.as_secs_f64()
            );
        }
        for note in &self.notes {
            eprintln!("    WARNING: {note}");
        }
    }
}

impl Taken {
    fn warning(&self) -> Option<String> {
        (self.time > self.budget).then(|| {
            format!(
                "warning: {} took {:.1} s, its budget is {} s",
                self.name,
                self.time.as_secs_f64(),
                self.budget.as_secs()
            )
        })
    }
}

#[cfg(test)]
mod tests;
