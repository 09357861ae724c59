//! Cycles that were changed, or that are missing in part.

use super::*;

fn is_damaged(laid: &Laid, error: &OpenError, index: usize) -> bool {
    let text = error.to_string();
    let (right, header) = laid.at(index);
    assert!(text.contains(&right.file.to_string()) && text.contains(&right.offset.to_string()));
    matches!(error, OpenError::Damaged { place, cycle, .. }
        if *place == right && *cycle == header.number)
}

fn is_missing(laid: &Laid, error: &OpenError, index: usize, by_superblock: bool) -> bool {
    let (right, header) = laid.at(index);
    matches!(error, OpenError::Missing { place, cycle, voucher }
        if *place == right && *cycle == header.number
        && (*voucher == Voucher::Superblock) == by_superblock)
}
#[test]
fn a_cycle_that_was_changed_is_refused() {
    let last = |laid: &Laid, error: &OpenError| is_damaged(laid, error, laid.cycles.len() - 1);
    let fifth = |laid: &Laid, error: &OpenError| is_damaged(laid, error, 4);
    check(&[
        (
            "bit in the magic",
            Ended::Killed,
            |l| l.flip(l.last().0, 0),
            Answer::Refused(last),
        ),
        (
            "bit in the header",
            Ended::Killed,
            |l| l.flip(l.last().0, 17),
            Answer::Refused(last),
        ),
        (
            "bit in a prelude",
            Ended::Killed,
            |l| l.flip(l.last().0, 92),
            Answer::Refused(last),
        ),
        (
            "bit in a block",
            Ended::Killed,
            |l| l.flip(l.last().0, 130),
            Answer::Refused(last),
        ),
        (
            "bit in events",
            Ended::Closed,
            |l| l.flip(l.last().0, 9_000),
            Answer::Refused(last),
        ),
        (
            "bit in the padding",
            Ended::Killed,
            |l| l.flip(l.last().0, l.last().1.extent() - 1),
            Answer::Refused(last),
        ),
        (
            "bit in an older cycle",
            Ended::Killed,
            |l| l.flip(l.at(4).0, 300),
            Answer::Refused(fifth),
        ),
        (
            "an older cycle in place of another",
            Ended::Killed,
            |l| {
                let (from, to) = (l.at(1).0, l.at(4).0);
                let bytes = content(&l.disk, &from.file.to_string());
                let bytes = &bytes[from.offset as usize..][..l.at(1).1.extent() as usize];
                l.disk
                    .overwrite(&to.file.to_string(), to.offset, bytes)
                    .unwrap();
            },
            Answer::Refused(fifth),
        ),
    ]);
}

#[test]
fn an_incomplete_cycle_is_cut_unless_something_vouches_for_it() {
    let vouched =
        |laid: &Laid, error: &OpenError| is_missing(laid, error, laid.cycles.len() - 1, true);
    let later = |laid: &Laid, error: &OpenError| is_missing(laid, error, 27, false);
    let superblock = |laid: &Laid, error: &OpenError| is_missing(laid, error, 4, true);
    let page: Damage = |l| l.zero(l.last().0, 2 * ALIGN, ALIGN);
    let sector: Damage = |l| l.zero(l.last().0, 512 * 9, 512);
    let header: Damage = |l| l.zero(l.last().0, 0, 512);
    let all: Damage = |l| l.zero(l.last().0, 0, l.last().1.extent());
    check(&[
        ("page of the last", Ended::Killed, page, Answer::LastCut),
        ("sector of the last", Ended::Killed, sector, Answer::LastCut),
        ("header of the last", Ended::Killed, header, Answer::LastCut),
        ("all of the last", Ended::Killed, all, Answer::LastGone),
        (
            "page of the last",
            Ended::Closed,
            page,
            Answer::Refused(vouched),
        ),
        (
            "sector of the last",
            Ended::Closed,
            sector,
            Answer::Refused(vouched),
        ),
        (
            "header of the last",
            Ended::Closed,
            header,
            Answer::Refused(vouched),
        ),
        (
            "all of the last",
            Ended::Closed,
            all,
            Answer::Refused(vouched),
        ),
        (
            "header of one that others follow",
            Ended::Killed,
            |l| l.zero(l.at(27).0, 0, 512),
            Answer::Refused(later),
        ),
        (
            "all of one that others follow",
            Ended::Killed,
            |l| l.zero(l.at(27).0, 0, l.at(27).1.extent()),
            Answer::Refused(later),
        ),
        (
            "sector of one in an older segment",
            Ended::Killed,
            |l| l.zero(l.at(4).0, 512, 512),
            Answer::Refused(superblock),
        ),
        (
            "bit where nothing was written yet",
            Ended::Closed,
            |l| l.flip(l.last().0, l.last().1.extent() + 700),
            Answer::WholeAndCut,
        ),
    ]);
}
