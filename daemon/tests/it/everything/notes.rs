//! References and metadata: returned, erased, gone, while their commitments stand.

use std::io::Read as _;

use ledger::note::Note;
use ledger::{Code, Digest, Event, Transfer, TransferId};
use wire::message as m;

use crate::harness::fold::Events;
use crate::harness::world::{BOOK, World, codes};

#[tokio::test]
async fn notes_are_returned_then_erased_and_gone_for_good() {
    let world = World::new(2).await;
    let transfers: Vec<Transfer> = (1..4).map(|id| Transfer::new(id, 1, 2, 10, 1)).collect();
    let note = |index, reference: &str, metadata: &[u8]| m::ItemNote {
        index,
        reference: reference.as_bytes().to_vec(),
        metadata: metadata.to_vec(),
    };
    let notes = [
        note(0, "order-7", b"\x00secret\xff"),
        note(2, "order-9", b""),
    ];
    let outcomes = world.write.post(BOOK, &transfers, &notes).await.unwrap();
    assert_eq!(outcomes.created, 3);
    let text = async |world: &World, id| world.lookup(id).await.unwrap().row.note;
    let first = text(&world, 1).await.unwrap();
    assert_eq!(*first.reference, *b"order-7");
    assert_eq!(*first.metadata, *b"\x00secret\xff");
    assert!(text(&world, 2).await.is_none());
    assert_eq!(*text(&world, 3).await.unwrap().reference, *b"order-9");
    let commitments = world.lookup(1).await.unwrap().row.record.commitments;
    assert_ne!(commitments.unwrap().reference, Digest::ZERO);

    // Notes are part of what an id stands for.
    let other = [note(0, "order-8", b"\x00secret\xff")];
    let outcomes = world.write.post(BOOK, &transfers[..1], &other).await;
    assert_eq!(
        codes(&outcomes.unwrap()),
        [Code::ExistsWithDifferentReference]
    );
    let outcomes = world.write.post(BOOK, &transfers, &notes).await.unwrap();
    assert_eq!(codes(&outcomes), [Code::Exists; 3]);

    let erase = async |world: &World, id| {
        let decided = world.admin.erase_note(BOOK, TransferId(id)).await;
        decided.unwrap().code
    };
    assert_eq!(erase(&world, 1).await, Code::Created);
    assert_eq!(erase(&world, 99).await, Code::NotFound);
    check_erased(&world, commitments).await;
    let world = world
        .again(|daemon| daemon.kill(), |place| place.start())
        .await;
    check_erased(&world, commitments).await;
    for entry in std::fs::read_dir(world.place.file("journal")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            continue;
        }
        // All that was written stands at the beginning of each file.
        let file = std::fs::File::open(path).unwrap();
        let mut bytes = Vec::new();
        file.take(64 << 10).read_to_end(&mut bytes).unwrap();
        assert!(!bytes.windows(6).any(|window| window == b"secret"));
    }
}

async fn check_erased(world: &World, commitments: Option<ledger::event::transfer::Commitments>) {
    let found = world.lookup(1).await.unwrap().row;
    assert!(found.note.is_none());
    assert_eq!(found.record.commitments, commitments);
    assert_ne!(Some(Note::default().commitments()), commitments);
    let kept = world.lookup(3).await.unwrap().row.note.unwrap();
    assert_eq!(*kept.reference, *b"order-9");
    let events = Events::of(&world.write, BOOK).await;
    let erased: Vec<u64> = events
        .0
        .iter()
        .filter_map(|event| match event {
            Event::NoteErased(erased) => Some(erased.target.0),
            _ => None,
        })
        .collect();
    assert_eq!(erased, [2]);
    let request = m::QueryTransfers {
        reference: m::Reference::new(b"order-7".to_vec()),
        ..m::QueryTransfers::all()
    };
    let found = world.write.query_transfers(BOOK, request).await.unwrap();
    assert!(found.rows.is_empty());
}
