//! Requests that wait for their answers.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::oneshot;
use wire::frame::Frame;

/// Requests by number. Guarded by one lock that is held for a look-up only.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    waiting: HashMap<u64, oneshot::Sender<Frame>>,
    /// Why there will be no more answers.
    ended: Option<String>,
}

/// One request that waits; it stops waiting when this is dropped.
#[derive(Debug)]
pub(crate) struct Waiting {
    pending: Arc<Pending>,
    number: u64,
    pub(crate) answer: oneshot::Receiver<Frame>,
}

impl Pending {
    /// Waits for the answer to request `number`.
    ///
    /// # Errors
    /// There will be no more answers, and why.
    pub(crate) fn wait(self: &Arc<Self>, number: u64) -> Result<Waiting, String> {
        let (sender, answer) = oneshot::channel();
        let mut state = self.state.lock();
        if let Some(why) = &state.ended {
            return Err(why.clone());
        }
        state.waiting.insert(number, sender);
        Ok(Waiting {
            pending: self.clone(),
            number,
            answer,
        })
    }

    /// Hands a frame to the request it answers; a request that no longer waits does without.
    pub(crate) fn answer(&self, number: u64, frame: Frame) {
        let sender = self.state.lock().waiting.remove(&number);
        if let Some(sender) = sender {
            let _ = sender.send(frame);
        }
    }

    /// There will be no more answers. The first reason stays.
    pub(crate) fn end(&self, why: &str) {
        let mut state = self.state.lock();
        state.ended.get_or_insert_with(|| why.to_owned());
        state.waiting.clear();
    }

    /// Why there will be no more answers.
    pub(crate) fn reason(&self) -> String {
        self.state.lock().ended.clone().unwrap_or_default()
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.pending.state.lock().waiting.remove(&self.number);
    }
}
