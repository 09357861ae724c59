//! Options that say what is posted.

use clap::{Args, ValueEnum};
use loadtest::load::{Limit, Plan};
use loadtest::outcome::Outcome;
use loadtest::workload::{IdOrder, Shape};

/// What is posted.
#[derive(Args, Clone, Debug)]
pub(crate) struct WorkloadArguments {
    /// Accounts in all, spread evenly over the books.
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(2..))]
    pub(crate) accounts: u32,
    /// Books; each request goes to one of them.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) books: u32,
    /// Transfers in a request.
    #[arg(long, default_value_t = 8_190, value_parser = clap::value_parser!(u32).range(1..=8_190))]
    pub(crate) batch: u32,
    /// Connections.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) clients: u32,
    /// Requests of each connection that wait for answers at once.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) in_flight: u32,
    /// Order of ids.
    #[arg(long, value_enum, default_value_t = Order::Time)]
    pub(crate) id_order: Order,
    /// Of a hundred transfers so many are holds with a time-out; half as many capture or void one.
    #[arg(long, value_name = "PERCENT", default_value_t = 0,
          value_parser = clap::value_parser!(u32).range(0..=60))]
    pub(crate) holds: u32,
    /// 1: one side of every transfer is one account; more: all are among so many accounts.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) hot: u32,
    /// Transfers per second to offer, whatever the answers take (open loop: latency counts from
    /// the intended start); as many as are answered unless given.
    #[arg(long, value_name = "TRANSFERS")]
    pub(crate) rate: Option<f64>,
    /// Seed of the load's content; ids are drawn afresh in every run.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
}

/// Order of ids.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum Order {
    /// Time-ordered, like ULIDs.
    Time,
    /// Random.
    Random,
}

impl WorkloadArguments {
    /// The plan that these options say.
    pub(crate) fn plan(&self, limit: Limit) -> Outcome<Plan> {
        let accounts = self.accounts / self.books;
        if accounts < 2 {
            return Err("each book needs at least 2 accounts; raise `--accounts`".into());
        }
        if self
            .rate
            .is_some_and(|rate| !rate.is_normal() || rate < 0.0)
        {
            return Err("`--rate` is not a number of transfers per second".into());
        }
        Ok(Plan {
            shape: Shape {
                books: self.books,
                accounts,
                hot: self.hot,
                holds: self.holds,
                // Requests of a connection may overtake each other when one is sent again.
                lag: 2 * u64::from(self.in_flight),
                effective: None,
            },
            order: match self.id_order {
                Order::Time => IdOrder::Time,
                Order::Random => IdOrder::Random,
            },
            seed: self.seed,
            limit,
            batch: self.batch,
            clients: self.clients,
            in_flight: self.in_flight,
            rate: self.rate,
        })
    }
}
