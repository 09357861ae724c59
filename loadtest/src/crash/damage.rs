//! Copies of a stopped journal, damaged: refused with the file named, or served as they were.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use client::{Client, ClientError};
use ledger::{Code, Transfer};
use tokio::runtime::Runtime;

use super::Summary;
use super::round::{Record, Sample, check_notes};
use super::site::Site;
use super::witness::{Violations, Witness};
use crate::daemon::{Place, Start};
use crate::outcome::Outcome;
use crate::session::connect_to;

/// Exit code of a daemon that refuses its journal.
const REFUSED: i32 = 65;
/// Bytes copied at once; runs of zeros are left out.
const CHUNK: usize = 64 * 1024;
/// What the damaged copies are called.
const NAME: &str = "damaged";

/// Damages copies and looks what daemons make of them.
pub(super) struct Damages<'a> {
    site: &'a Site,
    record: &'a Record,
    runtime: &'a Runtime,
}

/// What was done to a file.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Harm {
    /// One bit is another.
    Flip { offset: u64, bit: u8 },
    /// Bytes are zero.
    Zero { offset: u64, len: u64 },
    /// The file ends early.
    Truncate { len: u64 },
}

/// What a daemon made of a damaged copy.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Verdict {
    Refused,
    Served,
}

impl<'a> Damages<'a> {
    pub(super) fn new(site: &'a Site, record: &'a Record, runtime: &'a Runtime) -> Self {
        Self {
            site,
            record,
            runtime,
        }
    }

    /// Damages `count` copies.
    pub(super) fn run(
        &self,
        count: u32,
        random: &mut fastrand::Rng,
        summary: &mut Summary,
        violations: &mut Violations,
    ) -> Outcome<()> {
        let original = self.site.journal("main");
        let copy = self.site.journal(NAME);
        for number in 1..=count {
            copy_folder(&original, &copy)?;
            // What is known outside the journal is not damaged with it.
            copy_folder(&self.site.anchor("main"), &self.site.anchor(NAME))?;
            let file = choose(&copy, random)?;
            let harm = Harm::draw(&file, random)?;
            let before = violations.count;
            harm.apply(&file)?;
            let name = file
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            let verdict = self.look(&name, &harm, violations)?;
            summary.damages = number;
            match verdict {
                Verdict::Refused => summary.refused += 1,
                Verdict::Served => summary.served += 1,
            }
            eprintln!("damage {number}: {harm:?} of `{name}`: {verdict:?}");
            if violations.count != before {
                // The copy stays for whoever looks into it.
                return Ok(());
            }
        }
        Ok(())
    }

    fn look(&self, name: &str, harm: &Harm, violations: &mut Violations) -> Outcome<Verdict> {
        let place = self.site.place(NAME)?;
        let _ = fs::remove_file(&place.log);
        let mut daemon = place.start()?;
        match daemon.wait_ready()? {
            Start::Ended(status) => {
                if status.code() != Some(REFUSED) {
                    violations.add(|| format!("{harm:?} of `{name}`: ended with {status}"));
                } else {
                    check_message(&place, name, harm, violations)?;
                }
                Ok(Verdict::Refused)
            }
            Start::Ready(ready) => {
                let address = ready.address;
                let before = violations.count;
                let served = self.runtime.block_on(async {
                    let client = connect_to(&self.record.write, address, 16).await?;
                    self.compare(&client, violations).await?;
                    let auditor = connect_to(&self.record.auditor, address, 16).await?;
                    self.compare_seals(&auditor, &client, violations).await
                });
                if violations.count != before {
                    eprintln!("after {harm:?} of `{name}`");
                }
                if let Err(error) = served {
                    // To answer with an error is right; to be silent about damage is not.
                    let told = place.log_end();
                    if !told.contains(name) {
                        violations.add(|| format!("{harm:?} of `{name}`: {error}; told: {told}"));
                    }
                }
                daemon.kill()?;
                Ok(Verdict::Served)
            }
        }
    }

    /// Everything is as it was when the daemon was stopped. Holds may have expired since.
    async fn compare(&self, client: &Client, violations: &mut Violations) -> Outcome<()> {
        for (book, truth) in &self.record.books {
            let mut witness = Witness::new(*book);
            witness.read_all(client, violations).await?;
            witness.check_seen(0, truth.leaves(), violations);
            witness.check_balances(client, violations).await?;
            let same = witness
                .new_transfers
                .iter()
                .all(|t| truth.seq_of(t.id.0).is_some());
            if !same {
                violations.add(|| format!("book {book}: it holds transfers that it never held"));
            }
        }
        let books: Vec<_> = self.record.books.iter().map(|(book, _)| *book).collect();
        check_notes(client, &self.record.notes, &books, violations).await?;
        for one in self.record.sample.iter().step_by(10) {
            self.check_known(client, one, violations).await?;
        }
        Ok(())
    }

    /// What was sealed is, and no proof says anything else.
    async fn compare_seals(
        &self,
        auditor: &Client,
        client: &Client,
        violations: &mut Violations,
    ) -> Outcome<()> {
        let books = &self.record.books;
        let books: Vec<_> = books.iter().map(|(book, truth)| (*book, truth)).collect();
        let seals = &self.record.seals;
        seals.hold(auditor, client, &books, violations).await?;
        Ok(())
    }

    /// A transfer that stands is known, or the daemon says that it cannot tell.
    async fn check_known(
        &self,
        client: &Client,
        one: &Sample,
        violations: &mut Violations,
    ) -> Outcome<()> {
        let Some((book, _)) = self.record.books.get(one.book) else {
            return Ok(());
        };
        let transfer: &[Transfer] = std::slice::from_ref(&one.transfer);
        match client.post(*book, transfer, &[]).await {
            Ok(outcomes) => {
                let code = outcomes.code(0);
                if code != Code::Exists || outcomes.seq(0).map(|seq| seq.0) != Some(one.seq) {
                    let id = one.transfer.id;
                    violations.add(|| format!("book {book}: old transfer {id} answers `{code}`"));
                }
                Ok(())
            }
            Err(ClientError::Refused(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

fn check_message(
    place: &Place,
    name: &str,
    harm: &Harm,
    violations: &mut Violations,
) -> Outcome<()> {
    let told = fs::read_to_string(&place.log)?;
    let offset = told.contains(" offset ") || !matches!(harm, Harm::Flip { .. });
    // A log that ends before a row that the anchor knows is short, wherever it was cut.
    let is_named = told.contains(name) || (name.starts_with("audit-") && told.contains("anchor"));
    if !is_named || (name.starts_with("segment-") && !offset) {
        violations.add(|| format!("{harm:?} of `{name}` is refused without naming it: {told}"));
    }
    Ok(())
}

impl Harm {
    fn draw(file: &Path, random: &mut fastrand::Rng) -> Outcome<Self> {
        let len = fs::metadata(file)?.len().max(1);
        let used = used_bytes(file)?.max(1);
        // Mostly where something was written.
        let offset = if random.u8(..10) == 0 {
            random.u64(..len)
        } else {
            random.u64(..used)
        };
        Ok(match random.u8(..4) {
            0 | 1 => Self::Flip {
                offset,
                bit: random.u8(..8),
            },
            2 => {
                let most = (len - offset).min(CHUNK as u64);
                Self::Zero {
                    offset,
                    len: random.u64(1..=most),
                }
            }
            _ => Self::Truncate { len: offset },
        })
    }

    fn apply(&self, path: &Path) -> Outcome<()> {
        let file = File::options().read(true).write(true).open(path)?;
        match self {
            Self::Flip { offset, bit } => {
                let mut byte = [0];
                file.read_exact_at(&mut byte, *offset)?;
                file.write_all_at(&[byte[0] ^ 1 << bit], *offset)?;
            }
            Self::Zero { offset, len } => {
                file.write_all_at(&vec![0; usize::try_from(*len)?], *offset)?;
            }
            Self::Truncate { len } => file.set_len(*len)?,
        }
        Ok(())
    }
}

/// A file of the journal; most often a segment, and often one of what is sealed and proven.
fn choose(folder: &Path, random: &mut fastrand::Rng) -> Outcome<PathBuf> {
    const KINDS: [&str; 3] = ["segment-", "audit-", "tiles-"];
    let mut files: [Vec<PathBuf>; 4] = Default::default();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        // Components of policies lie in a folder of their own: they are no part of the journal.
        if path.is_dir() || used_bytes(&path)? == 0 {
            continue;
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let kind = KINDS.iter().position(|kind| name.starts_with(kind));
        files[kind.unwrap_or(KINDS.len())].push(path);
    }
    files.iter_mut().for_each(|files| files.sort());
    let kind = match random.u8(..10) {
        0..4 => 0,
        4..6 => 1,
        6..8 => 2,
        _ => 3,
    };
    let [segments, ..] = &files;
    let from = if files[kind].is_empty() {
        segments
    } else {
        &files[kind]
    };
    let chosen = random.choice(from).cloned();
    chosen.ok_or_else(|| "the journal has no files".into())
}

/// Where the last byte that is not zero ends.
fn used_bytes(path: &Path) -> Outcome<u64> {
    let file = File::open(path)?;
    let mut end = file.metadata()?.len();
    let mut chunk = vec![0; CHUNK];
    while end != 0 {
        let len = end.min(CHUNK as u64);
        let part = &mut chunk[..usize::try_from(len)?];
        file.read_exact_at(part, end - len)?;
        if let Some(last) = part.iter().rposition(|byte| *byte != 0) {
            return Ok(end - len + last as u64 + 1);
        }
        end -= len;
    }
    Ok(0)
}

/// Copies a folder and what is in it, without runs of zeros.
fn copy_folder(from: &Path, to: &Path) -> Outcome<()> {
    let _ = fs::remove_dir_all(to);
    fs::create_dir_all(to)?;
    let mut chunk = vec![0; CHUNK];
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &to.join(entry.file_name()))?;
            continue;
        }
        let source = File::open(entry.path())?;
        let target = File::create(to.join(entry.file_name()))?;
        let len = source.metadata()?.len();
        target.set_len(len)?;
        let mut at = 0;
        while at < len {
            let part = &mut chunk[..usize::try_from((len - at).min(CHUNK as u64))?];
            source.read_exact_at(part, at)?;
            if part.iter().any(|byte| *byte != 0) {
                target.write_all_at(part, at)?;
            }
            at += part.len() as u64;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn harm_is_what_it_says_and_copies_are_apart() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("a"), folder.path().join("b"));
        fs::create_dir_all(&from).unwrap();
        let mut bytes = vec![7; 3 * CHUNK];
        bytes[CHUNK..2 * CHUNK].fill(0);
        bytes[3 * CHUNK - 5..].fill(0);
        fs::write(from.join("segment-1"), &bytes).unwrap();
        copy_folder(&from, &to).unwrap();
        let copy = to.join("segment-1");
        assert_eq!(fs::read(&copy).unwrap(), bytes);
        assert_eq!(used_bytes(&copy).unwrap(), 3 * CHUNK as u64 - 5);

        Harm::Flip { offset: 10, bit: 3 }.apply(&copy).unwrap();
        assert_eq!(fs::read(&copy).unwrap()[10], 7 ^ 8);
        Harm::Zero { offset: 20, len: 2 }.apply(&copy).unwrap();
        assert_eq!(fs::read(&copy).unwrap()[19..23], [7, 0, 0, 7]);
        Harm::Truncate { len: 30 }.apply(&copy).unwrap();
        assert_eq!(fs::read(&copy).unwrap().len(), 30);
        assert_eq!(fs::read(from.join("segment-1")).unwrap(), bytes);
    }
}
