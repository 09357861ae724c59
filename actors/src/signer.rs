//! The signer: an actor on an arbiter of its own that seals what is durable. It does what the
//! `chain::Chain` says, asks signers without waiting for them, and sleeps in between.

pub mod anchor;
mod chain;
pub mod emergency;
mod fold;
mod keys;
pub mod operator;
mod past;
pub mod policy;
mod positions;
pub mod start;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use actix::{
    Actor, ActorContext, ActorFutureExt, Addr, Arbiter, AsyncContext, Context, Handler, Message,
    SpawnHandle, WrapFuture,
};
use arc_swap::ArcSwap;
use ledger::{Code, Nanos};
use signing::Signer;
use tokio::sync::oneshot;
use verify::policy::BreakerRecord;
use verify::{ChainHead, Keyring, Kid};
use wire::{Answer, Failure};

use crate::clock::Clock;
use crate::fatal;

pub(crate) use chain::Chain;
use chain::{Answer as Signed, Ask};
pub use keys::SignerState;
pub(crate) use keys::micros;
use operator::Order;
use policy::{PoliciesFound, PolicyOrder};
pub(crate) use positions::Positions;

/// Orders that may wait in the mailbox.
const MAILBOX: usize = 256;
/// How often the actor looks around even if nothing happens.
const TICK: Duration = Duration::from_secs(1);

/// How the signer is, for whoever watches.
#[derive(Clone, Debug, Default)]
pub struct Watch(Arc<ArcSwap<SignerReport>>);

/// How the signer is.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SignerReport {
    /// The key that seals now.
    pub current: Option<String>,
    /// Keys that may sign checkpoints and ledger proofs now.
    pub notes: Vec<Kid>,
    /// Each key with a signer here.
    pub signers: Vec<SignerState>,
    /// Rows that wait for their signatures.
    pub in_flight: usize,
    /// The last published row.
    pub published: u64,
}

impl Watch {
    /// How it is.
    pub fn report(&self) -> Arc<SignerReport> {
        self.0.load_full()
    }

    /// The key that seals now.
    pub fn current_kid(&self) -> Option<String> {
        self.0.load().current.clone()
    }
}

/// The actor.
pub(crate) struct SignerActor {
    chain: Chain,
    clock: Clock,
    watch: Watch,
    sleeping: Option<SpawnHandle>,
    is_stopping: bool,
}

impl SignerActor {
    /// Starts the signer on an arbiter of its own.
    pub(crate) fn start(chain: Chain, clock: Clock, watch: Watch) -> Addr<Self> {
        watch.0.store(Arc::new(chain.report(clock.now())));
        let arbiter = Arbiter::new();
        Self::start_in_arbiter(&arbiter.handle(), move |_| Self {
            chain,
            clock,
            watch,
            sleeping: None,
            is_stopping: false,
        })
    }

    /// Takes the next step and sleeps until the one after it.
    fn step(&mut self, ctx: &mut Context<Self>) {
        let now = self.clock.now();
        let step = fatal::guard("signer", || self.chain.step(now));
        let step = step.unwrap_or_else(|error| fatal::stop("signer", &error));
        for ask in step.asks {
            self.ask(ask, ctx);
        }
        if let Some(sleeping) = self.sleeping.take() {
            ctx.cancel_future(sleeping);
        }
        if let Some(at) = step.again {
            let pause = Duration::from_nanos(at.0.saturating_sub(now.0));
            self.sleeping = Some(ctx.run_later(pause, |signer, ctx| {
                signer.sleeping = None;
                signer.step(ctx);
            }));
        }
        self.report(now);
        if self.is_stopping && self.chain.is_drained() {
            ctx.stop();
        }
    }

    fn ask(&mut self, ask: Ask, ctx: &mut Context<Self>) {
        let asked = ask.answer().into_actor(self);
        ctx.spawn(asked.map(|signed: Signed, signer, ctx| {
            let now = signer.clock.now();
            let taken = fatal::guard("signer", || signer.chain.answered(signed, now));
            taken.unwrap_or_else(|error| fatal::stop("signer", &error));
            signer.step(ctx);
        }));
    }

    fn report(&self, now: Nanos) {
        let report = self.chain.report(now);
        if *self.watch.0.load_full() != report {
            self.watch.0.store(Arc::new(report));
        }
    }
}

impl Actor for SignerActor {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Context<Self>) {
        ctx.set_mailbox_capacity(MAILBOX);
        ctx.run_interval(TICK, |signer, ctx| {
            fatal::guard("signer", || signer.chain.idle());
            signer.step(ctx);
        });
        self.listen(ctx);
        self.step(ctx);
    }

    fn stopped(&mut self, _: &mut Context<Self>) {
        self.chain.sealed.end();
    }
}

impl SignerActor {
    /// Takes a step whenever somebody asks for a seal.
    fn listen(&self, ctx: &mut Context<Self>) {
        let sealed = self.chain.sealed.clone();
        let wanted = async move { sealed.wanted().await };
        ctx.spawn(wanted.into_actor(self).map(|(), signer, ctx| {
            signer.step(ctx);
            signer.listen(ctx);
        }));
    }
}

/// Something became durable.
#[derive(Debug)]
pub(crate) struct MovedOn;

impl Message for MovedOn {
    type Result = ();
}

impl Handler<MovedOn> for SignerActor {
    type Result = ();

    fn handle(&mut self, _: MovedOn, ctx: &mut Context<Self>) {
        self.step(ctx);
    }
}

/// An order with the place that its answer goes to.
#[derive(Debug)]
pub(crate) struct Ordered {
    pub(crate) order: Order,
    pub(crate) reply: oneshot::Sender<Result<Answer, Failure>>,
}

impl Message for Ordered {
    type Result = ();
}

impl Handler<Ordered> for SignerActor {
    type Result = ();

    fn handle(&mut self, ordered: Ordered, ctx: &mut Context<Self>) {
        let now = self.clock.now();
        let answer = fatal::guard("signer", || self.chain.operate(ordered.order, now));
        // Whoever asked may have left; what was done is in the chain.
        let _ = ordered.reply.send(answer);
        self.step(ctx);
    }
}

/// A question for the keyring that holds now.
#[derive(Debug)]
pub(crate) struct CurrentKeys(pub(crate) oneshot::Sender<Keyring>);

impl Message for CurrentKeys {
    type Result = ();
}

impl Handler<CurrentKeys> for SignerActor {
    type Result = ();

    fn handle(&mut self, CurrentKeys(reply): CurrentKeys, _: &mut Context<Self>) {
        let _ = reply.send(self.chain.keys.registry.keyring().clone());
    }
}

/// A question for what the chain says of policies.
#[derive(Debug)]
pub(crate) struct AskPolicies(pub(crate) oneshot::Sender<PoliciesFound>);

impl Message for AskPolicies {
    type Result = ();
}

impl Handler<AskPolicies> for SignerActor {
    type Result = ();

    fn handle(&mut self, AskPolicies(reply): AskPolicies, _: &mut Context<Self>) {
        let _ = reply.send(self.chain.policies());
    }
}

/// What is to become of policies.
#[derive(Debug)]
pub(crate) enum PolicyStep {
    /// A change is to be looked at.
    Check(PolicyOrder),
    /// A change is to be made.
    Change(PolicyOrder),
    /// A breaker did something.
    Breaker(BreakerRecord, [u8; 16]),
}

/// That, with the place that the number of its row goes to; 0 where none was made.
#[derive(Debug)]
pub(crate) struct ChangePolicy {
    pub(crate) step: PolicyStep,
    pub(crate) reply: oneshot::Sender<Result<u64, Failure>>,
}

impl Message for ChangePolicy {
    type Result = ();
}

impl Handler<ChangePolicy> for SignerActor {
    type Result = ();

    fn handle(&mut self, ChangePolicy { step, reply }: ChangePolicy, ctx: &mut Context<Self>) {
        let now = self.clock.now();
        let chain = &mut self.chain;
        let row = fatal::guard("signer", || match step {
            PolicyStep::Check(order) => chain.check_policy(&order, now).map(|_| 0),
            PolicyStep::Change(order) => chain.change_policy(&order, now),
            PolicyStep::Breaker(record, salt) => chain.tell_breaker(&record, salt, now),
        });
        // Whoever asked may have left; what was done is in the chain.
        let _ = reply.send(row);
        self.step(ctx);
    }
}

/// Signers that were connected while it runs.
#[derive(Debug)]
pub(crate) struct Connect(pub(crate) Vec<Arc<Signer>>);

impl Message for Connect {
    type Result = ();
}

impl Handler<Connect> for SignerActor {
    type Result = ();

    fn handle(&mut self, connect: Connect, ctx: &mut Context<Self>) {
        self.chain.keys.connect(connect.0);
        self.step(ctx);
    }
}

/// Nothing more becomes durable: what is in flight is published, as far as signers answer.
#[derive(Debug)]
pub(crate) struct Finish;

impl Message for Finish {
    type Result = ();
}

impl Handler<Finish> for SignerActor {
    type Result = ();

    fn handle(&mut self, _: Finish, ctx: &mut Context<Self>) {
        self.is_stopping = true;
        self.chain.sealed.want();
        self.step(ctx);
        // Intents are durable: what no signer answers in time is taken up at the next start.
        ctx.run_later(PATIENCE, |_, ctx| ctx.stop());
    }
}

/// How long the end waits for signers.
const PATIENCE: Duration = Duration::from_millis(500);

impl Chain {
    /// Whether everything durable is sealed and every row published.
    fn is_drained(&self) -> bool {
        self.flights.is_empty() && self.moved.events() == 0
    }

    pub(crate) fn report(&self, now: Nanos) -> SignerReport {
        let ChainHead { seq, .. } = self.published;
        let current = self.keys.current(self.last.seq + 1, now);
        SignerReport {
            current: current.map(|kid| kid.as_str().to_owned()),
            notes: self.keys.notes(self.last.seq + 1, now),
            signers: self.keys.states(),
            in_flight: self.batcher.in_flight(),
            published: seq,
        }
    }

    /// Reserves room in the audit log when nothing waits.
    fn idle(&mut self) {
        if let Err(error) = self.log.idle() {
            fatal::stop("signer", &error);
        }
    }
}

/// What operators are told when no signer runs.
pub(crate) fn no_signer() -> Failure {
    Failure::new(
        Code::SignerUnavailable,
        "this daemon seals nothing: configure `[signing]`",
    )
}
