//! A file with one kind of line end, so that lines can be counted.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

/// Hands a file on with `\n` at the end of every line, the last one included, and refuses to go on
/// when the room given for one row is used up.
pub(super) struct LineEnds<R> {
    file: R,
    gauge: Rc<Gauge>,
    /// A `\r` that came last and may belong to a `\n`.
    has_return: bool,
    last: u8,
}

/// What reader and rows both look at.
#[derive(Debug, Default)]
pub(super) struct Gauge {
    /// Bytes that may be read before the next row begins.
    pub(super) room: Cell<u64>,
    /// Bytes of the file read so far.
    pub(super) read: Cell<u64>,
}

impl<R: Read> LineEnds<R> {
    pub(super) fn new(file: R, gauge: Rc<Gauge>) -> Self {
        Self {
            file,
            gauge,
            has_return: false,
            last: b'\n',
        }
    }

    /// Moves `read` bytes that begin at 1 to the front, without the `\r` of line ends; how many
    /// are left. One slot at the front is free for a `\r` that turns out to be none.
    fn pack(&mut self, buffer: &mut [u8], read: usize) -> usize {
        let mut kept = 0;
        for at in 1..=read {
            let byte = buffer[at];
            if std::mem::take(&mut self.has_return) && byte != b'\n' {
                buffer[kept] = b'\r';
                kept += 1;
            }
            if byte == b'\r' {
                self.has_return = true;
            } else {
                buffer[kept] = byte;
                kept += 1;
            }
        }
        kept
    }
}

impl<R: Read> Read for LineEnds<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.len() < 2 {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        loop {
            if self.gauge.room.get() == 0 {
                return Err(io::ErrorKind::FileTooLarge.into());
            }
            let read = self.file.read(&mut buffer[1..])?;
            if read == 0 {
                let is_open = std::mem::take(&mut self.has_return) || self.last != b'\n';
                self.last = b'\n';
                buffer[0] = b'\n';
                return Ok(usize::from(is_open));
            }
            let gauge = &self.gauge;
            gauge.room.set(gauge.room.get().saturating_sub(read as u64));
            gauge.read.set(gauge.read.get() + read as u64);
            let kept = self.pack(buffer, read);
            if let Some(last) = buffer[..kept].last() {
                self.last = *last;
                return Ok(kept);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hands out a few bytes at a time, so that line ends fall between reads.
    struct Drip<'a>(&'a [u8], usize);

    impl Read for Drip<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let size = self.1.min(buffer.len());
            self.0.read(&mut buffer[..size])
        }
    }

    #[test]
    fn every_line_ends_alike() {
        let rows = [
            ("", ""),
            ("a", "a\n"),
            ("a\n", "a\n"),
            ("a\r\nb\r\n", "a\nb\n"),
            ("a\rb\r\n\r\nc\r", "a\rb\n\nc\n"),
            ("\r\r\n", "\r\n"),
        ];
        for (text, expected) in rows {
            for size in 1..4 {
                let gauge = Rc::new(Gauge::default());
                gauge.room.set(100);
                let drip = Drip(text.as_bytes(), size);
                let mut lines = LineEnds::new(drip, Rc::clone(&gauge));
                let (mut found, mut buffer) = (String::new(), [0; 8]);
                loop {
                    match lines.read(&mut buffer).unwrap() {
                        0 => break,
                        read => found += std::str::from_utf8(&buffer[..read]).unwrap(),
                    }
                }
                assert_eq!(found, expected, "{text:?} by {size}");
                assert_eq!(gauge.read.get(), text.len() as u64);
            }
        }
    }
}
