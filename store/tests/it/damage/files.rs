//! Files that are missing or cut short, and superblocks that are damaged.

use super::*;

const FIRST: &str = "segment-00000001";
const SECOND: &str = "segment-00000002";

/// Removes or cuts a file.
fn remove(l: &Laid, name: &str) {
    l.disk.remove(name).unwrap();
}

fn truncate(l: &Laid, name: &str, len: u64) {
    l.disk.truncate(name, len).unwrap();
}

fn is_file_missing(laid: &Laid, error: &OpenError) -> bool {
    match error {
        OpenError::MissingFile(file) => laid.disk.open(&file.to_string()).is_err(),
        _ => false,
    }
}

fn is_gone(_: &Laid, error: &OpenError) -> bool {
    let later = |voucher: &Voucher| matches!(voucher, Voucher::Later(_));
    matches!(error, OpenError::Missing { voucher, .. } if later(voucher))
}

#[test]
fn segments_that_are_gone_or_out_of_place_are_refused() {
    let missing = Answer::Refused;
    check(&[
        (
            "an older segment",
            Ended::Killed,
            |l| remove(l, SECOND),
            missing(is_file_missing),
        ),
        (
            "the first segment",
            Ended::Killed,
            |l| remove(l, FIRST),
            missing(is_file_missing),
        ),
        (
            "the segment in use",
            Ended::Killed,
            |l| remove(l, &l.last().0.file.to_string()),
            missing(is_file_missing),
        ),
        (
            "two segments in each other's place",
            Ended::Closed,
            |l| {
                l.disk.rename(FIRST, "x").unwrap();
                l.disk.rename(SECOND, FIRST).unwrap();
                l.disk.rename("x", SECOND).unwrap();
            },
            Answer::Refused(is_gone),
        ),
    ]);
}

#[test]
fn segments_that_were_cut_short_are_refused() {
    let length = |laid: &Laid, error: &OpenError| {
        let last = laid.last().0.file;
        matches!(error, OpenError::Length { file, .. } if *file == last)
    };
    let short = |_: &Laid, error: &OpenError| {
        matches!(error, OpenError::Damaged { place, fault: FrameFault::Short { .. }, .. }
            if place.file == FileName::Segment(1))
            && error.to_string().contains(FIRST)
    };
    check(&[
        (
            "the segment in use, where nothing was written",
            Ended::Killed,
            |l| {
                let (place, header) = l.last();
                truncate(l, &place.file.to_string(), place.offset + header.extent());
            },
            Answer::Refused(length),
        ),
        (
            "the first segment, inside a cycle",
            Ended::Closed,
            |l| truncate(l, FIRST, l.large().offset + ALIGN),
            Answer::Refused(short),
        ),
        (
            "the first segment, between cycles",
            Ended::Closed,
            |l| truncate(l, FIRST, l.at(2).0.offset),
            Answer::Refused(is_gone),
        ),
    ]);
}

#[test]
fn one_copy_of_the_superblock_is_enough_and_none_is_refused() {
    let lost = |_: &Laid, error: &OpenError| matches!(error, OpenError::SuperblockLost);
    check(&[
        (
            "one copy",
            Ended::Closed,
            |l| l.disk.zero("superblock", 0, 4_096).unwrap(),
            Answer::Whole,
        ),
        (
            "the other copy",
            Ended::Closed,
            |l| l.disk.flip_bit("superblock", 4_096 + 40, 1).unwrap(),
            Answer::Whole,
        ),
        (
            "both copies",
            Ended::Closed,
            |l| l.disk.zero("superblock", 0, 8_192).unwrap(),
            Answer::Refused(lost),
        ),
        (
            "the file",
            Ended::Closed,
            |l| l.disk.remove("superblock").unwrap(),
            Answer::Refused(lost),
        ),
        (
            "the file's content",
            Ended::Killed,
            |l| l.disk.truncate("superblock", 0).unwrap(),
            Answer::Refused(lost),
        ),
    ]);
}

#[test]
fn an_operator_may_have_the_superblock_rebuilt() {
    let laid = Laid::new(Ended::Closed);
    laid.disk.remove("superblock").unwrap();
    let options = Options {
        superblock: LostSuperblock::Rebuild,
        ..small()
    };
    let opened = open(&laid.disk, options).unwrap();
    assert_eq!(opened.1.superblock_copies, 0);
    assert_eq!(
        check_opened(opened, &laid, laid.cycles.len(), "rebuilt"),
        None
    );
}

#[test]
fn an_empty_journal_needs_no_superblock() {
    for damage in [
        |disk: &SimDisk| disk.remove("superblock").unwrap(),
        |disk: &SimDisk| {
            disk.truncate("segment-00000001", 100).unwrap();
            disk.truncate("notes-00000001", 0).unwrap();
            disk.zero("superblock", 0, 8_192).unwrap();
        },
    ] {
        let disk = SimDisk::new(2);
        drop(open(&disk, small()).unwrap());
        damage(&disk);
        let (mut journal, recovered) = open(&disk, small()).unwrap();
        assert_eq!(recovered.last_cycle, 0);
        journal.append(&Books::new(2).cycle(9)).unwrap();
    }
}
