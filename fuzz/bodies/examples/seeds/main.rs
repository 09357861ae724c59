//! Writes the seeds in `fuzz/seeds/` that follow from the code anew, after a change of formats.
//! Files whose names begin with `ok-` are its; others are what a search has found, and stay.

#![expect(
    clippy::unwrap_used,
    reason = "whoever runs it wants to see why it stops"
)]

mod audit;
mod policy;
mod proofs;

use std::fs;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use fuzz_bodies::message::Kind;
use fuzz_bodies::world::world;
use fuzz_bodies::{replay, snapshot};
use ledger::fields::Reader;
use ledger::{BlockHeader, BookId, Event, Transfer};
use rcgen::{CertificateParams, KeyPair, SanType};
use store::disk::{Disk, SimDisk};
use store::embedded::superblock::Superblock;
use store::embedded::{Embedded, Options, frame};
use store::{Cycle, Journal};
use wire::frame::{FrameDecoder, Header, Kind as FrameKind};

fn main() {
    frames_and_messages();
    identities();
    journal_parts();
    whole_files();
    records();
    chunks();
    proofs::write_once();
    audit::write_all();
    policy::write_all();
}

/// Streams of one to a few frames, and their bodies: the vectors of the protocol.
fn frames_and_messages() {
    let mut all = vec![40];
    for (name, bytes) in vectors() {
        let chunk = if bytes.len() > 200 { 90 } else { 255 };
        write("frame", &name, &[&[chunk], bytes.as_slice()].concat());
        all.extend_from_slice(&bytes);

        let mut decoder = FrameDecoder::<Header>::new();
        decoder.push(Bytes::from(bytes));
        let frame = decoder.next_frame().unwrap().unwrap();
        let kind = match frame.header.kind {
            FrameKind::Request | FrameKind::RequestSealed => Kind::Request(frame.header.operation),
            FrameKind::Answer => Kind::Answer(frame.header.operation),
            FrameKind::Failure => Kind::Failure,
            FrameKind::Events => Kind::Events,
            FrameKind::End | FrameKind::Cancel => continue,
        };
        let kind = [kind.byte().unwrap()];
        write("message", &name, &[&kind, frame.body.as_ref()].concat());
    }
    write("frame", "all", &all);
}

fn vectors() -> Vec<(String, Vec<u8>)> {
    let mut vectors: Vec<_> = fs::read_dir(root().join("wire/vectors"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            (name, unhex(&fs::read_to_string(path).unwrap()))
        })
        .collect();
    vectors.sort();
    vectors
}

fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    digits.chunks(2).map(pair).collect()
}

/// Certificates have fresh keys each time, so those that are there stay.
fn identities() {
    for (name, uris) in [
        ("tenant", &["spiffe://bank.test/tenant/acme/role/write"][..]),
        ("operator", &["spiffe://bank.test/platform/role/operator"]),
        ("workload", &["spiffe://bank.test/ns/payments/sa/gateway"]),
    ] {
        write("identity", &format!("{name}.txt"), uris[0].as_bytes());
        if !folder("identity").join(format!("ok-{name}.der")).exists() {
            write("identity", &format!("{name}.der"), &certificate(uris));
        }
    }
    for (name, uris) in [
        ("none.der", &[][..]),
        ("two.der", &["spiffe://a.test/b", "spiffe://a.test/c"]),
        ("web.der", &["https://a.test/b"]),
    ] {
        let file = folder("identity").join(name);
        if !file.exists() {
            fs::write(file, certificate(uris)).unwrap();
        }
    }
}

fn certificate(uris: &[&str]) -> Vec<u8> {
    let mut params = CertificateParams::new(vec!["client.test".to_owned()]).unwrap();
    for uri in uris {
        let uri = SanType::URI((*uri).try_into().unwrap());
        params.subject_alt_names.push(uri);
    }
    let key = KeyPair::generate().unwrap();
    params.self_signed(&key).unwrap().der().to_vec()
}

/// Frames of cycles, notes and the superblock, as the journal writes them.
fn journal_parts() {
    let disk = SimDisk::new(1);
    let options = Options {
        segment_bytes: 1 << 16,
        notes_bytes: 1 << 14,
        ..Options::default()
    };
    let (mut journal, _) =
        Embedded::open(std::sync::Arc::new(disk.clone()), options, &mut |_| {}).unwrap();
    for cycle in &world().cycles {
        journal.append(cycle).unwrap();
    }
    Box::new(journal).close().unwrap();

    let segment = read(&disk, "segment-00000001");
    let mut at = 0;
    for cycle in &world().cycles {
        let header = frame::decode(&segment[at..]).unwrap().header;
        let end = at + usize::try_from(header.extent()).unwrap();
        write(
            "segment",
            &format!("cycle-{}", cycle.number),
            &segment[at..end],
        );
        if let Some(notes) = header.notes {
            let file = read(&disk, "notes-00000001");
            let start = usize::try_from(notes.offset).unwrap();
            let extent = &file[start..start + notes.bytes as usize];
            write("notes", "two", extent);
        }
        at = end;
    }
    let copy = &read(&disk, "superblock")[..Superblock::BYTES];
    write("superblock", "copy", &copy[..84]);
}

fn read(disk: &SimDisk, name: &str) -> Vec<u8> {
    let file = disk.open(name).unwrap();
    let mut bytes = vec![0; usize::try_from(file.len().unwrap()).unwrap()];
    file.read_exact_at(&mut bytes, 0).unwrap();
    bytes
}

/// Nothing replaced in each of the files: the body itself has them.
fn whole_files() {
    for file in 0..6 {
        write("journal", &format!("file-{file}"), &[file, 0, 0, 0]);
        write("index", &format!("file-{file}"), &[file, 0, 0, 0]);
    }
}

/// Events, batch entries, headers, transfers, and blocks to be folded.
fn records() {
    for Cycle { number, blocks } in &world().cycles {
        for block in blocks {
            let name = format!("{number}-{}", block.header.book);
            write("event", &format!("events-{name}"), &after(0, &block.events));
            write(
                "event",
                &format!("batches-{name}"),
                &after(1, &block.batches),
            );
            let mut header = Vec::new();
            block.header.encode(&mut header);
            assert!(BlockHeader::decode(&mut Reader::new(&header)).is_ok());
            write("event", &format!("header-{name}"), &after(2, &header));
            header.extend_from_slice(&block.events);
            write("event", &format!("block-{name}"), &after(5, &header));
        }
    }
    let mut transfer = Vec::new();
    Transfer::new(1, 2, 3, 4, 5).encode(&mut transfer);
    write("event", "transfer", &after(3, &transfer));
    let mut frontier = Vec::new();
    for head in world().heads.values() {
        head.frontier.encode(&mut frontier);
    }
    write("event", "frontiers", &after(4, &frontier));
    folds();
}

/// Events that follow the world's state: transfers like its own, and one of each other kind.
fn folds() {
    let fitted = replay::FITTED | replay::FITTED_LEGS;
    let system = fitted | replay::SYSTEM;
    for Cycle { number, blocks } in &world().cycles {
        for block in blocks {
            let is_system = block.header.book == BookId::SYSTEM;
            let options = if is_system { system } else { fitted };
            let mut kept = Vec::new();
            for record in ledger::event::Records(&block.events) {
                let record = record.unwrap();
                // An account that exists cannot be created again.
                if !matches!(Event::decode(record), Ok(Event::AccountCreated(_))) {
                    kept.extend_from_slice(record);
                }
            }
            let name = format!("cycle-{number}-{}", block.header.book);
            if !kept.is_empty() {
                let path = folder("replay").join(name);
                fs::write(path, after(options, &kept)).unwrap();
            }
        }
    }
    let Event::Transfer(mut posted) = first_transfer() else {
        return;
    };
    posted.commitments = None;
    let mut bytes = Vec::new();
    for id in 500..503 {
        posted.id = ledger::TransferId(id);
        Event::Transfer(posted).encode(&mut bytes);
    }
    write("replay", "transfers", &after(fitted, &bytes));
}

fn first_transfer() -> Event {
    let blocks = world().cycles.iter().flat_map(|cycle| &cycle.blocks);
    let mut events = blocks.flat_map(|block| ledger::event::Records(&block.events));
    let transfer = |record: Result<&[u8], _>| {
        Event::decode(record.ok()?)
            .ok()
            .filter(|event| matches!(event, Event::Transfer(_)))
    };
    events.find_map(transfer).unwrap()
}

fn chunks() {
    let packed = |chunks: &[Vec<u8>]| {
        let mut bytes = Vec::new();
        for chunk in chunks {
            bytes.extend_from_slice(&u16::try_from(chunk.len()).unwrap().to_le_bytes());
            bytes.extend_from_slice(chunk);
        }
        bytes
    };
    write("snapshot", "whole", &after(0, &packed(&world().chunks)));
    for (at, chunk) in world().chunks.iter().enumerate().skip(2) {
        let chunk = packed(std::slice::from_ref(chunk));
        write(
            "snapshot",
            &format!("chunk-{at}"),
            &after(snapshot::FOUNDED, &chunk),
        );
    }
}

fn after(first: u8, rest: &[u8]) -> Vec<u8> {
    [&[first], rest].concat()
}

fn write(target: &str, name: &str, bytes: &[u8]) {
    fs::write(folder(target).join(format!("ok-{name}")), bytes).unwrap();
}

fn folder(target: &str) -> PathBuf {
    let folder = root().join("fuzz/seeds").join(target);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
