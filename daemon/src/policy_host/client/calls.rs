//! Calls that wait for their answers.

use std::collections::HashMap;

use bytes::Bytes;
use crossbeam::channel::{self, Receiver, Sender};
use parking_lot::Mutex;
use plugins_host::{BadOutput, Fault};
use wire::policy::Echo;

/// What came back: the answer's bytes, or why there is none.
pub(super) type Reply = Result<Bytes, Fault>;

/// Calls that wait for their answers, by number.
#[derive(Debug, Default)]
pub(super) struct Calls {
    /// Guards nothing else.
    waiting: Mutex<Waiting>,
}

#[derive(Debug, Default)]
struct Waiting {
    by_number: HashMap<u64, (Echo, Sender<Reply>)>,
    is_closed: bool,
}

impl Calls {
    /// Notes a call; nothing once the connection is gone.
    pub(super) fn begin(&self, number: u64, echo: Echo) -> Option<Receiver<Reply>> {
        let mut waiting = self.waiting.lock();
        if waiting.is_closed {
            return None;
        }
        let (sender, receiver) = channel::bounded(1);
        waiting.by_number.insert(number, (echo, sender));
        Some(receiver)
    }

    /// Forgets a call that is no longer waited for.
    pub(super) fn forget(&self, number: u64) {
        self.waiting.lock().by_number.remove(&number);
    }

    /// Gives the answer in `body` to who waits for it. What repeats other digests than those that
    /// were sent is an answer to something else.
    pub(super) fn end(&self, number: u64, body: &Bytes) {
        let Some((expected, sender)) = self.waiting.lock().by_number.remove(&number) else {
            // It came too late.
            return;
        };
        let reply = match Echo::split(body) {
            Ok((echo, rest)) if echo == expected => Ok(body.slice_ref(rest)),
            _ => Err(Fault::BadOutput(BadOutput::Malformed)),
        };
        // Who waited may have given up at this very moment.
        let _ = sender.try_send(reply);
    }

    /// Ends every call without an answer, and takes no more.
    pub(super) fn close(&self) {
        let mut waiting = self.waiting.lock();
        waiting.is_closed = true;
        for (_, (_, sender)) in waiting.by_number.drain() {
            let _ = sender.try_send(Err(Fault::Unavailable));
        }
    }
}

#[cfg(test)]
mod tests {
    use ledger::Digest;
    use wire::field::Field;

    use super::*;

    fn echo(n: u8) -> Echo {
        Echo {
            policy: Digest([n; 32]),
            request: Digest([n + 1; 32]),
        }
    }

    fn body(echo: Echo, rest: &[u8]) -> Bytes {
        let mut body = Vec::new();
        echo.put(&mut body);
        body.extend_from_slice(rest);
        body.into()
    }

    #[test]
    fn an_answer_goes_to_its_call_and_to_no_other() {
        let calls = Calls::default();
        let first = calls.begin(1, echo(1)).unwrap();
        let second = calls.begin(2, echo(2)).unwrap();
        calls.end(2, &body(echo(2), b"yes"));
        assert_eq!(second.recv().unwrap().unwrap(), &b"yes"[..]);
        assert!(first.try_recv().is_err());
        // A number that nobody has, and one that was answered.
        calls.end(3, &body(echo(1), b"yes"));
        calls.end(2, &body(echo(2), b"no"));
        assert!(first.try_recv().is_err());
    }

    #[test]
    fn what_repeats_other_digests_is_bad_output() {
        let other_policy = Echo {
            policy: Digest([9; 32]),
            ..echo(1)
        };
        let other_request = Echo {
            request: Digest([9; 32]),
            ..echo(1)
        };
        for body in [
            body(other_policy, b"yes"),
            body(other_request, b"yes"),
            Bytes::from_static(b"short"),
        ] {
            let calls = Calls::default();
            let waiting = calls.begin(1, echo(1)).unwrap();
            calls.end(1, &body);
            let bad = Fault::BadOutput(BadOutput::Malformed);
            assert_eq!(waiting.recv().unwrap(), Err(bad));
        }
    }

    #[test]
    fn a_lost_connection_ends_all_calls() {
        let calls = Calls::default();
        let waiting = calls.begin(1, echo(1)).unwrap();
        calls.close();
        assert_eq!(waiting.recv().unwrap(), Err(Fault::Unavailable));
        assert!(calls.begin(2, echo(1)).is_none());
    }
}
