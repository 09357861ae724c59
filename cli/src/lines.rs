//! Lines of a file, each of bounded length.

use std::io::{BufRead, Read};
use std::path::{Path, PathBuf};

use crate::fault::Fault;

/// Longest line that is read, in bytes.
pub(crate) const LINE_BYTES_MAX: usize = 64 * 1024;

/// Lines of a file, without their ends; blank ones are left out.
pub(crate) struct Lines<R> {
    reader: R,
    file: PathBuf,
    number: u64,
}

/// A line and its number, from 1.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Line {
    pub(crate) number: u64,
    pub(crate) bytes: Vec<u8>,
}

impl<R: BufRead> Lines<R> {
    /// The lines of `reader`, which stands for `file` in messages.
    pub(crate) fn new(reader: R, file: &Path) -> Self {
        Self {
            reader,
            file: file.to_owned(),
            number: 0,
        }
    }

    /// The next line.
    pub(crate) fn next(&mut self) -> Result<Option<Line>, Fault> {
        loop {
            let mut bytes = Vec::new();
            let mut limited = self.reader.by_ref().take(LINE_BYTES_MAX as u64 + 1);
            let read = limited.read_until(b'\n', &mut bytes);
            if read.map_err(|error| Fault::Unreadable(self.file.clone(), error))? == 0 {
                return Ok(None);
            }
            self.number += 1;
            if bytes.len() > LINE_BYTES_MAX {
                return Err(Fault::LongLine(
                    self.file.clone(),
                    self.number,
                    LINE_BYTES_MAX,
                ));
            }
            if !bytes.iter().all(u8::is_ascii_whitespace) {
                return Ok(Some(Line {
                    number: self.number,
                    bytes,
                }));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_lines_count_but_are_left_out() {
        let mut lines = Lines::new(b"a\n\n  \r\nb".as_slice(), Path::new("f"));
        let mut found = Vec::new();
        while let Some(line) = lines.next().unwrap() {
            found.push((line.number, String::from_utf8(line.bytes).unwrap()));
        }
        assert_eq!(found, [(1, "a\n".to_owned()), (4, "b".to_owned())]);
    }

    #[test]
    fn a_line_without_end_does_not_take_all_memory() {
        let mut text = b"a\n".to_vec();
        text.resize(1024 * 1024, b'x');
        let mut lines = Lines::new(text.as_slice(), Path::new("f"));
        assert!(lines.next().is_ok());
        let error = lines.next().unwrap_err();
        assert!(matches!(error, Fault::LongLine(_, 2, _)), "{error}");
    }
}
