//! What the index answers while it is opened anew.

use std::sync::Arc;

use ledger::{AccountId, Seq};
use store::disk::SimDisk;

use super::{BOOK, ROOMY, post, set_up, sources, with_engine};
use crate::child::Stop;
use crate::fault::Trap;
use crate::index_slot::IndexSlot;
use crate::indexer::Indexer;
use crate::progress::Progress;
use crate::recovery::recover;

/// An index that is opened anew, as behind a panic, has less than what was told before. Until it
/// has caught up the one before it answers.
#[test]
fn an_index_opened_anew_answers_only_once_it_has_all_that_was_told() {
    let disk = SimDisk::new(3);
    with_engine(&disk, ROOMY, async |engine| {
        set_up(engine).await;
        for id in 1..300 {
            post(engine, id, 1).await.unwrap();
        }
    });
    let disk = disk.process_end();
    let sources = sources(&disk, ROOMY);
    let limits = sources.index;
    let recovered = recover(sources, |_| {}).unwrap();
    let (covered, last) = (recovered.builder.covered_cycle(), recovered.last_cycle);
    assert!(
        covered + 100 < last,
        "{covered} of {last} are on disk already"
    );
    let index = IndexSlot::of(recovered.index);
    let indexed = Progress::at(covered);
    let mut indexer = Indexer {
        disk: Arc::new(disk),
        limits,
        builder: Some(recovered.builder),
        index: index.clone(),
        reader: recovered.journal.reader(),
        durable: Progress::at(last),
        covered: Progress::at(covered),
        indexed: indexed.clone(),
        stop: Stop::default(),
        trap: Trap::default(),
    };
    let debits = || {
        let posted = index.load().posted_at(BOOK, AccountId(1), Seq(u64::MAX));
        posted.unwrap().debits
    };
    for life in 0..3 {
        let stop = Stop::default();
        indexer.stop = stop.clone();
        let before = index.load();
        std::thread::scope(|threads| {
            threads.spawn(|| indexer.run().unwrap());
            while indexed.get() < last {
                std::thread::yield_now();
            }
            // The first life began with an index; the others open one.
            while life > 0 && Arc::ptr_eq(&before, &index.load()) {
                assert_eq!(debits(), 299);
            }
            assert_eq!(debits(), 299);
            stop.set();
        });
    }
}
