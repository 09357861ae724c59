//! Streams of frames, as a peer sends them.

use bytes::Bytes;
use wire::FrameError;
use wire::frame::{Frame, FrameDecoder, Header, encode_frame};

use crate::Verdict;

/// Memory that a decoder may hold beyond twice what has arrived, in bytes.
const SLACK: usize = 64 * 1024;

/// What a decoder made of a stream.
#[derive(PartialEq, Eq, Debug)]
struct Cut {
    frames: Vec<Frame>,
    end: Result<bool, FrameError>,
}

/// The first byte says in which chunks the rest arrives: frames must not depend on that, and
/// encode to the bytes they were read from.
pub fn body(data: &[u8]) -> Verdict {
    let Some((chunk, stream)) = data.split_first() else {
        return Verdict::Refused;
    };
    let whole = cut(stream, stream.len().max(1));
    assert_eq!(whole, cut(stream, usize::from(*chunk) + 1), "chunks matter");

    let mut again = Vec::new();
    for frame in &whole.frames {
        encode_frame(frame.header, &mut again, |out| {
            out.extend_from_slice(&frame.body);
        });
    }
    assert!(stream.starts_with(&again), "a frame has another encoding");
    if let Err(error) = whole.end {
        let _ = (error.code(), error.to_string());
    }
    Verdict::of(whole.end == Ok(false))
}

fn cut(stream: &[u8], chunk: usize) -> Cut {
    let mut decoder = FrameDecoder::<Header>::new();
    let mut frames = Vec::new();
    let mut arrived = 0;
    for chunk in stream.chunks(chunk) {
        arrived += chunk.len();
        decoder.push(Bytes::copy_from_slice(chunk));
        loop {
            match decoder.next_frame() {
                Ok(Some(frame)) => frames.push(frame),
                Ok(None) => break,
                Err(error) => {
                    return Cut {
                        frames,
                        end: Err(error),
                    };
                }
            }
        }
        let held = decoder.reserved();
        assert!(held <= 2 * arrived + SLACK, "{held} bytes for {arrived}");
    }
    Cut {
        frames,
        end: Ok(decoder.is_mid_frame()),
    }
}
