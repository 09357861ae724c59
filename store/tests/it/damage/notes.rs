//! Notes that were changed.

use super::*;

#[test]
fn damaged_notes_are_refused() {
    fn extent(l: &Laid) -> (String, u64) {
        let notes = l
            .places
            .iter()
            .find_map(|(_, header)| header.notes)
            .unwrap();
        (FileName::Notes(notes.file).to_string(), notes.offset)
    }
    fn is(error: &OpenError, is_right: fn(&NotesFault) -> bool) -> bool {
        matches!(error, OpenError::DamagedNotes { fault, .. } if is_right(fault))
    }
    fn flip(l: &Laid, at: u64) {
        let (file, offset) = extent(l);
        l.disk.flip_bit(&file, offset + at, 2).unwrap();
    }
    check(&[
        (
            "mark",
            Ended::Closed,
            |l| flip(l, 0),
            Answer::Refused(|_, e| is(e, |f| matches!(f, NotesFault::Mark { .. }))),
        ),
        (
            "header",
            Ended::Closed,
            |l| flip(l, 13),
            Answer::Refused(|_, e| is(e, |f| matches!(f, NotesFault::HeaderCrc { .. }))),
        ),
        (
            "content",
            Ended::Closed,
            |l| flip(l, 30),
            Answer::Refused(|_, e| is(e, |f| matches!(f, NotesFault::ContentCrc { .. }))),
        ),
        (
            "file",
            Ended::Killed,
            |l| l.disk.remove(&extent(l).0).unwrap(),
            Answer::Refused(|_, e| is(e, |f| matches!(f, NotesFault::Missing))),
        ),
        (
            "end of the file",
            Ended::Killed,
            |l| l.disk.truncate(&extent(l).0, 100).unwrap(),
            Answer::Refused(|_, e| is(e, |f| matches!(f, NotesFault::Extent))),
        ),
    ]);
}
