//! Candidates beside the policies in force: asked about a sample of requests, on a thread that
//! gives way to every other, and what they say is only counted.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use crossbeam::channel::{Receiver, Sender, TrySendError, bounded};
use ledger::limits::BATCH_TRANSFERS_MAX;
use ledger::{BookId, Digest, TenantId, Transfer};
use parking_lot::Mutex;

use crate::active::Active;
use crate::asking::{Findings, Told, question};
use crate::case::Case;
use crate::contract::Needs;
use crate::denied::{Cause, Reason};
use crate::facts::Facts;
use crate::lanes;
use crate::permitted::MemberDenied;
use crate::resource;
use crate::seat::Seat;
use crate::subject::Subject;
use crate::verdict::Verdict;

/// Candidates that may be asked at one time.
pub const SHADOWS_MAX: usize = 8;
/// A sample of everything.
pub const PER_MILLION_MAX: u32 = 1_000_000;
/// Samples that may wait for one candidate; further ones are skipped.
const WAITING_MAX: usize = 64;
/// Transfers that may wait for one candidate in all samples: copies of them are memory that no
/// budget counts.
const TRANSFERS_MAX: usize = 8 * BATCH_TRANSFERS_MAX;
/// How far the thread gives way: as far as it can.
const NICE: i32 = 19;
/// What it leaves to others after each request, however idle they are: a thousand a second is
/// enough to know a rule by.
const PAUSE: Duration = Duration::from_millis(1);

/// A candidate, and what it is asked about.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// What it is told apart by: the digest of its manifest.
    pub key: Digest,
    /// The tenant whose policy it would be; none for the platform's.
    pub tenant: Option<TenantId>,
    /// The candidate. It is held against the policy in force that has its name.
    pub seat: Arc<Seat>,
    /// Requests of a million that it is asked about.
    pub per_million: u32,
}

/// Why a candidate is not asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ShadowError {
    /// It is asked already.
    Before,
    /// As many as may be are asked already.
    TooMany,
    /// The share is 0, or more than everything.
    Share(u32),
    /// The machine gives no thread.
    Machine,
}

impl std::fmt::Display for ShadowError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Before => f.write_str("it is asked already"),
            Self::TooMany => write!(f, "`{SHADOWS_MAX}` candidates are asked already; stop one"),
            Self::Share(share) => write!(f, "`{share}` of a million is not 1 to {PER_MILLION_MAX}"),
            Self::Machine => f.write_str("the machine gives no thread"),
        }
    }
}

impl std::error::Error for ShadowError {}

/// What a candidate was found to do.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct ShadowReport {
    /// Requests that it gave a verdict on.
    pub asked: u64,
    /// Requests that it was to be asked about while too many waited for it.
    pub skipped: u64,
    /// Requests that it gave no verdict on.
    pub failed: u64,
    /// Requests that were allowed, all or in part, of which it would deny what was allowed.
    pub would_deny: u64,
    /// Requests of which it would allow what the policy of its name denied.
    pub would_allow: u64,
    /// By number and name of the rule: of the candidate for what it would deny, of the policy in
    /// force for what it would allow. A request or a member counts once each.
    pub rules: BTreeMap<(u16, Box<str>), RuleDifference>,
}

/// How often a rule decides otherwise.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct RuleDifference {
    /// What was allowed would be denied by it.
    pub would_deny: u64,
    /// What it denied would be allowed.
    pub would_allow: u64,
}

/// A candidate that is asked until this is dropped.
#[derive(Debug)]
pub(crate) struct Shadow {
    candidate: Candidate,
    seen: AtomicU64,
    skipped: AtomicU64,
    samples: Sender<Sample>,
    /// Transfers in samples that wait or are asked about.
    transfers: Arc<AtomicUsize>,
    /// Guards the counts only; held for one request, never with another lock.
    report: Arc<Mutex<ShadowReport>>,
}

/// A request that was judged.
struct Sample {
    case: Case<Copied>,
    /// Members that were denied, or what denied all of it.
    said: Result<Vec<MemberDenied>, Arc<Cause>>,
}

/// What a candidate is told of a request that has gone on by then.
struct Copied {
    book: BookId,
    transfers: Vec<Transfer>,
}

impl Subject for Copied {
    fn book(&self) -> BookId {
        self.book
    }

    fn transfers(&self) -> &[Transfer] {
        &self.transfers
    }
}

impl Shadow {
    pub(crate) fn start(
        candidate: Candidate,
        facts: impl Fn() -> Option<Arc<dyn Facts>> + Send + 'static,
    ) -> Result<Self, ShadowError> {
        if !(1..=PER_MILLION_MAX).contains(&candidate.per_million) {
            return Err(ShadowError::Share(candidate.per_million));
        }
        let (samples, waiting) = bounded(WAITING_MAX);
        let report = Arc::new(Mutex::new(ShadowReport::default()));
        let (seat, counts) = (Arc::clone(&candidate.seat), Arc::clone(&report));
        let transfers = Arc::new(AtomicUsize::new(0));
        let held = Arc::clone(&transfers);
        // It ends by itself when nobody can send any more.
        std::thread::Builder::new()
            .name("policy-shadow".to_owned())
            .stack_size(lanes::STACK_BYTES)
            .spawn(move || {
                lanes::give_way(NICE);
                follow(&seat, &waiting, (&counts, &held), facts);
            })
            .map_err(|_| ShadowError::Machine)?;
        Ok(Self {
            candidate,
            seen: AtomicU64::new(0),
            skipped: AtomicU64::new(0),
            samples,
            transfers,
            report,
        })
    }

    pub(crate) fn key(&self) -> Digest {
        self.candidate.key
    }

    pub(crate) fn per_million(&self) -> u32 {
        self.candidate.per_million
    }

    pub(crate) fn report(&self) -> ShadowReport {
        ShadowReport {
            skipped: self.skipped.load(Ordering::Relaxed),
            ..self.report.lock().clone()
        }
    }

    /// Notes how a request was judged, if it is in the sample. What no policy decided is not.
    pub(crate) fn note<T: Subject>(
        &self,
        active: &Active,
        case: &Case<T>,
        said: &Result<(), Reason>,
    ) {
        let said = match said {
            Ok(()) => Ok(&case.findings.members),
            // What the platform denies tenants' policies are not asked about: it may be about what
            // is another tenant's, of which they would be told.
            Err(Reason::Rule(cause))
                if self.candidate.tenant.is_some() && active.is_of_platform(cause) =>
            {
                return;
            }
            Err(Reason::Rule(cause)) => Err(cause),
            Err(_) => return,
        };
        if case.rounds > 0 || !self.is_about(case) || !self.is_sampled() {
            return;
        }
        let needs = self.candidate.seat.needs();
        let transfers = if needs.any_transfers() || needs.contains(Needs::ACCOUNTS) {
            case.transfers()
        } else {
            &[]
        };
        let held = self.transfers.load(Ordering::Relaxed);
        if self.samples.is_full() || held + transfers.len() > TRANSFERS_MAX {
            self.skipped.fetch_add(1, Ordering::Relaxed);
            return;
        }
        let count = transfers.len();
        let copied = Copied {
            book: case.subject.book(),
            transfers: transfers.to_vec(),
        };
        let sample = Sample {
            case: Case {
                principal: Arc::clone(&case.principal),
                request: case.request,
                subject: copied,
                now: case.now,
                is_import: case.is_import,
                rounds: 0,
                findings: Findings::default(),
            },
            said: said.cloned().map_err(Arc::clone),
        };
        self.transfers.fetch_add(count, Ordering::Relaxed);
        if let Err(TrySendError::Full(_)) = self.samples.try_send(sample) {
            self.transfers.fetch_sub(count, Ordering::Relaxed);
            self.skipped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Whether it would be asked about the request if it were in force.
    fn is_about<T>(&self, case: &Case<T>) -> bool {
        self.candidate.tenant.is_none_or(|tenant| {
            case.principal.tenant() == tenant
                && resource::is_seen_by_tenants_policies(case.request.operation)
        })
    }

    fn is_sampled(&self) -> bool {
        let seen = self.seen.fetch_add(1, Ordering::Relaxed);
        // Spread, so that what comes in a rhythm is not always left out.
        let spread = seen.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
        spread % u64::from(PER_MILLION_MAX) < u64::from(self.candidate.per_million)
    }
}

fn follow(
    seat: &Seat,
    waiting: &Receiver<Sample>,
    (report, held): (&Mutex<ShadowReport>, &AtomicUsize),
    facts: impl Fn() -> Option<Arc<dyn Facts>>,
) {
    for mut sample in waiting {
        let told = Told::of(&sample.case.principal, &sample.case.request.resource);
        let facts = facts();
        let verdict = question(seat, &told, facts.as_deref(), &mut sample.case);
        let mut report = report.lock();
        match verdict {
            Ok(verdict) => {
                report.asked += 1;
                report.hold(seat, &verdict, &sample.said);
            }
            Err(_) => report.failed += 1,
        }
        drop(report);
        held.fetch_sub(sample.case.subject.transfers.len(), Ordering::Relaxed);
        drop(sample);
        std::thread::sleep(PAUSE);
    }
}

impl ShadowReport {
    /// Counts what the candidate in `seat` says otherwise.
    fn hold(
        &mut self,
        seat: &Seat,
        verdict: &Verdict,
        said: &Result<Vec<MemberDenied>, Arc<Cause>>,
    ) {
        let is_replaced = |cause: &Cause| cause.policy.name == seat.id().name;
        let (mut denied, mut allowed) = (0, 0);
        match (said, verdict) {
            (Err(cause), Verdict::Allow | Verdict::AllowExcept(_)) if is_replaced(cause) => {
                self.rule(cause).would_allow += 1;
                allowed += 1;
            }
            // Denied by another policy, or by both.
            (Err(_), _) => {}
            (Ok(_), Verdict::Deny(rule)) => {
                if let Some(cause) = seat.cause(*rule) {
                    self.rule(cause).would_deny += 1;
                }
                denied += 1;
            }
            (Ok(members), Verdict::Allow | Verdict::AllowExcept(_)) => {
                let denials = match verdict {
                    Verdict::AllowExcept(denials) => denials.as_slice(),
                    _ => &[],
                };
                for denial in denials {
                    let find = |member: &MemberDenied| member.index.cmp(&denial.index);
                    if members.binary_search_by(find).is_ok() {
                        continue;
                    }
                    if let Some(cause) = seat.cause(denial.rule) {
                        self.rule(cause).would_deny += 1;
                    }
                    denied += 1;
                }
                for member in members.iter().filter(|member| is_replaced(&member.cause)) {
                    let index = member.index;
                    let find = denials.binary_search_by(|denial| denial.index.cmp(&index));
                    if find.is_err() {
                        self.rule(&member.cause).would_allow += 1;
                        allowed += 1;
                    }
                }
            }
        }
        self.would_deny += u64::from(denied > 0);
        self.would_allow += u64::from(allowed > 0);
    }

    fn rule(&mut self, cause: &Cause) -> &mut RuleDifference {
        let key = (cause.rule, cause.rule_name.clone());
        self.rules.entry(key).or_default()
    }
}
