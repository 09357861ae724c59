//! The anchor: what a ledger must at least do, written as plainly as it can be.
//!
//! One thread; a set of known ids, two account updates, a leaf and its nodes after RFC 6962, and
//! one write with one sync per batch. No transport, identity, answer, index or recovery. It shares
//! no code with the product, so that it does not move when the product does.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use comfy_table::Table;
use loadtest::outcome::Outcome;
use sha2::{Digest, Sha256};

use crate::AnchorArguments;
use crate::timing::Stage;

/// A transfer as bytes: id, debit, credit, amount, and as much again of other fields.
const TRANSFER_BYTES: usize = 128;

/// Runs the anchor and prints what came out.
pub(crate) fn show(arguments: &AnchorArguments) -> Outcome<()> {
    let folder = match &arguments.directory {
        Some(folder) => folder.clone(),
        None => loadtest::folder::beside_program()?,
    };
    loadtest::folder::refuse_memory(&folder)?;
    let figures = run(arguments, &folder)?;
    if arguments.json {
        println!("{}", figures.json());
    } else {
        println!("{}", figures.table());
    }
    Ok(())
}

/// What a run took.
#[derive(Debug)]
struct Figures {
    transfers: u64,
    ids: Stage,
    accounts: Stage,
    tree: Stage,
    write: Stage,
}

fn run(arguments: &AnchorArguments, folder: &Path) -> Outcome<Figures> {
    let file = OwnFile::create(folder.join(format!("anchor-{}", std::process::id())))?;
    let mut ledger = Naive::new(arguments.accounts);
    let mut source = Source::new(arguments);
    let mut figures = Figures {
        transfers: arguments.transfers,
        ids: Stage::default(),
        accounts: Stage::default(),
        tree: Stage::default(),
        write: Stage::default(),
    };
    let mut left = arguments.transfers;
    while left != 0 {
        let count = left.min(u64::from(arguments.batch));
        left -= count;
        let batch: Vec<Transfer> = (0..count).map(|_| source.next()).collect();
        let is_new = figures
            .ids
            .run(|| batch.iter().all(|t| ledger.ids.insert(t.id)));
        let known = figures
            .accounts
            .run(|| batch.iter().try_for_each(|t| ledger.apply(t)));
        if !is_new || known.is_none() {
            return Err("the anchor's own transfers repeat or name no account".into());
        }
        let bytes: Vec<u8> = batch.iter().flat_map(Transfer::bytes).collect();
        figures.tree.run(|| ledger.hash(&bytes));
        figures.write.run(|| {
            (&file.file)
                .write_all(&bytes)
                .and_then(|()| file.file.sync_data())
        })?;
    }
    ledger.check()?;
    Ok(figures)
}

#[derive(Clone, Copy)]
struct Transfer {
    id: u128,
    debit: u128,
    credit: u128,
    amount: u128,
}

impl Transfer {
    fn bytes(&self) -> [u8; TRANSFER_BYTES] {
        let mut bytes = [0; TRANSFER_BYTES];
        for (at, field) in [self.id, self.debit, self.credit, self.amount]
            .iter()
            .enumerate()
        {
            bytes[at * 16..][..16].copy_from_slice(&field.to_le_bytes());
        }
        bytes
    }
}

struct Source {
    random: fastrand::Rng,
    accounts: u64,
    random_ids: bool,
    last: u128,
}

impl Source {
    fn new(arguments: &AnchorArguments) -> Self {
        Self {
            random: fastrand::Rng::with_seed(1),
            accounts: u64::from(arguments.accounts),
            random_ids: arguments.random_ids,
            last: 1 << 100,
        }
    }

    fn next(&mut self) -> Transfer {
        self.last += 1;
        let debit = self.random.u64(..self.accounts);
        let credit = (debit + self.random.u64(1..self.accounts)) % self.accounts;
        Transfer {
            id: if self.random_ids {
                self.random.u128(..)
            } else {
                self.last
            },
            debit: u128::from(debit),
            credit: u128::from(credit),
            amount: u128::from(self.random.u64(1..10_000)),
        }
    }
}

struct Naive {
    ids: HashSet<u128>,
    index: HashMap<u128, usize>,
    /// Debits and credits.
    accounts: Vec<[u128; 2]>,
    leaves: u64,
    /// Roots of the perfect subtrees, largest first.
    roots: Vec<[u8; 32]>,
}

impl Naive {
    fn new(accounts: u32) -> Self {
        let accounts = accounts as usize;
        Self {
            ids: HashSet::new(),
            index: (0..accounts).map(|at| (at as u128, at)).collect(),
            accounts: vec![[0; 2]; accounts],
            leaves: 0,
            roots: Vec::new(),
        }
    }

    fn apply(&mut self, transfer: &Transfer) -> Option<()> {
        let debit = *self.index.get(&transfer.debit)?;
        let credit = *self.index.get(&transfer.credit)?;
        self.accounts[debit][0] = self.accounts[debit][0].checked_add(transfer.amount)?;
        self.accounts[credit][1] = self.accounts[credit][1].checked_add(transfer.amount)?;
        Some(())
    }

    fn hash(&mut self, bytes: &[u8]) {
        for record in bytes.chunks_exact(TRANSFER_BYTES) {
            let mut hash = sha256(&[&[0], record]);
            let mut size = self.leaves;
            while size & 1 == 1 {
                if let Some(left) = self.roots.pop() {
                    hash = sha256(&[&[1], &left, &hash]);
                }
                size >>= 1;
            }
            self.roots.push(hash);
            self.leaves += 1;
        }
    }

    fn check(&self) -> Outcome<()> {
        let sum = |side: usize| self.accounts.iter().map(|sums| sums[side]).sum::<u128>();
        if sum(0) == sum(1) {
            Ok(())
        } else {
            Err("the anchor's own sums differ".into())
        }
    }
}

fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize().into()
}

/// A file that is gone when it is dropped.
struct OwnFile {
    file: File,
    path: PathBuf,
}

impl OwnFile {
    fn create(path: PathBuf) -> Outcome<Self> {
        let file = File::create_new(&path).map_err(|e| format!("`{}`: {e}", path.display()))?;
        Ok(Self { file, path })
    }
}

impl Drop for OwnFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

impl Figures {
    fn stages(&self) -> [(&'static str, Stage); 4] {
        [
            ("id set", self.ids),
            ("accounts", self.accounts),
            ("tree", self.tree),
            ("write and sync", self.write),
        ]
    }

    fn nanos(&self) -> f64 {
        self.stages()
            .iter()
            .map(|(_, stage)| stage.nanos_each(self.transfers))
            .sum()
    }

    fn transfers_per_second(&self) -> f64 {
        1e9 / self.nanos()
    }

    fn json(&self) -> String {
        let stages: serde_json::Map<String, serde_json::Value> = self
            .stages()
            .iter()
            .map(|(name, stage)| ((*name).to_owned(), stage.nanos_each(self.transfers).into()))
            .collect();
        serde_json::json!({
            "transfers_per_second": self.transfers_per_second(),
            "transfers": self.transfers,
            "nanoseconds": stages,
        })
        .to_string()
    }

    fn table(&self) -> Table {
        let mut table = Table::new();
        table.load_preset(comfy_table::presets::NOTHING);
        table.set_header(["anchor", "ns per transfer"]);
        for (name, stage) in self.stages() {
            table.add_row([
                name.to_owned(),
                format!("{:.0}", stage.nanos_each(self.transfers)),
            ]);
        }
        table.add_row(["all".to_owned(), format!("{:.0}", self.nanos())]);
        let rate = format!("{:.0}", self.transfers_per_second());
        table.add_row(["transfers per second".to_owned(), rate]);
        table
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_runs_and_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        for random_ids in [false, true] {
            let arguments = AnchorArguments {
                transfers: 1_000,
                accounts: 10,
                batch: 300,
                random_ids,
                directory: None,
                json: true,
            };
            let figures = run(&arguments, folder.path()).unwrap();
            let json: serde_json::Value = serde_json::from_str(&figures.json()).unwrap();
            assert!(json["transfers_per_second"].as_f64().unwrap() > 0.0);
            assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        }
    }

    #[test]
    fn its_tree_is_that_of_rfc_6962() {
        let bytes: Vec<u8> = (0..3 * TRANSFER_BYTES).map(|at| at as u8).collect();
        let mut naive = Naive::new(2);
        naive.hash(&bytes);
        let mut frontier = ledger::merkle::Frontier::new();
        for record in bytes.chunks_exact(TRANSFER_BYTES) {
            frontier.push(ledger::merkle::leaf(record));
        }
        let [pair, last] = naive.roots[..] else {
            panic!("{} roots", naive.roots.len())
        };
        assert_eq!(sha256(&[&[1], &pair, &last]), frontier.root().0);
    }
}
