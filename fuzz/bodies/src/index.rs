//! A whole index with bytes of one of its files replaced: opening and every question after it.

use std::ops::ControlFlow;
use std::sync::{Arc, OnceLock};

use ledger::past::KeyKind;
use ledger::{AccountId, Nanos, Seq};
use store::disk::SimDisk;
use store::index::{Index, IndexBuilder, IndexLimits, Seed};

use crate::Verdict;
use crate::journal::{Files, damage, disk_of, files_of};
use crate::world::{ACCOUNTS, BOOK, world};

/// In the second byte: the file ends where the replaced bytes do.
pub const CUT: u8 = 8;

/// The first byte says which file, the second how, two more the offset; the rest replaces what
/// stands there.
pub fn body(data: &[u8]) -> Verdict {
    let Some(([file, how, low, high], bytes)) = data.split_first_chunk::<4>() else {
        return Verdict::Refused;
    };
    let offset = usize::from(u16::from_le_bytes([*low, *high]));
    let mut files = files().clone();
    damage(&mut files, *file, offset, bytes, how & CUT != 0);
    match IndexBuilder::open(disk_of(&files), limits()) {
        Ok((_, index)) => Verdict::of(ask(&index)),
        Err(error) => {
            let _ = error.to_string();
            Verdict::Refused
        }
    }
}

/// Asks for everything that the world has and for something that it has not.
fn ask(index: &Index) -> bool {
    let mut is_whole = true;
    for id in 0..30 {
        for kind in [KeyKind::Transfer, KeyKind::HoldEnd, KeyKind::Reversal] {
            is_whole &= index.find(BOOK, kind, id).is_ok();
        }
    }
    for account in 0..=ACCOUNTS {
        let account = AccountId(account);
        let mut legs = 0;
        let read = index.legs(BOOK, account, 0..u64::MAX, |_| {
            legs += 1;
            ControlFlow::Continue(())
        });
        is_whole &= read.is_ok();
        is_whole &= index.posted_at(BOOK, account, Seq(9)).is_ok();
        let early = Nanos(1);
        is_whole &= index.posted_by(BOOK, account, early, Seq(99)).is_ok();
        assert!(legs <= 1 << 16, "{legs} legs");
    }
    is_whole
}

fn limits() -> IndexLimits {
    IndexLimits {
        id_memory_bytes: 64 << 10,
        leg_memory_bytes: 256 << 10,
        seed: Seed([3, 5]),
    }
}

fn files() -> &'static Files {
    static FILES: OnceLock<Files> = OnceLock::new();
    FILES.get_or_init(|| {
        let disk = SimDisk::new(1);
        if let Ok((mut builder, _)) = IndexBuilder::open(Arc::new(disk.clone()), limits()) {
            for cycle in &world().cycles {
                let blocks = cycle.blocks.iter().map(Arc::as_ref);
                assert!(builder.apply(cycle.number, blocks).is_ok());
            }
            assert!(builder.flush().is_ok());
        }
        let files = files_of(&disk);
        assert!(files.len() >= 3, "{files:?}");
        files
    })
}
