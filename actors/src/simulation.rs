//! A seeded simulation: the shard, the hashing and the journal step by step on a simulated disk
//! that loses power or ends the process at any step. No released answer may contradict what is
//! recovered.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64};

use crossbeam::channel::{Receiver, bounded};
use ledger::asset::{Asset, AssetCode};
use ledger::event::Records;
use ledger::registry::{Name, Tenant};
use ledger::snapshot::Heads;
use ledger::transfer::TransferFlags;
use ledger::{
    AccountId, AssetId, Balances, BookId, Code, Digest, Event, Nanos, NewAccount, Seq, TenantId,
    Transfer, TransferId,
};
use plugins_host::{Authority, MemberDenial, Needs, Owner, Principal, Resource, Role, Verdict};
use store::disk::sim::Random;
use store::disk::{Disk, SimDisk};
use store::embedded::{Embedded, Options};
use store::index::{IndexBuilder, IndexLimits, Seed};
use store::snapshot::SnapshotWriter;
use store::{Cycles, Journal, Reader};
use tokio::sync::oneshot;
use wire::message as m;
use wire::{Answer, Request};

use crate::admission::{Admission, AdmissionLimits};
use crate::clock::Clock;
use crate::committer;
use crate::cycle::{Draft, IN_FLIGHT_MAX, Sealed};
use crate::directory::Directory;
use crate::fault::Trap;
use crate::hasher;
use crate::index_slot::IndexSlot;
use crate::past::ShardPast;
use crate::progress::Progress;
use crate::recovery::{Sources, recover};
use crate::rules::policies;
use crate::shard::{Parts, Shard};
use crate::snapshotter::{Message, QUEUE, Snapshots};
use crate::submit::{Command, Reply, Submit};

const BOOK: BookId = BookId(7);
const ACCOUNTS: u128 = 12;
const OPTIONS: Options = Options {
    segment_bytes: 1 << 20,
    notes_bytes: 64 << 10,
    cache_bytes: 1 << 20,
    superblock: store::embedded::LostSuperblock::Refuse,
};

/// When answers are released.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    AppendThenRelease,
    /// Wrong: what is not durable is told.
    ReleaseThenAppend,
}

/// A daemon without threads: every step is taken by the test.
struct Daemon {
    order: Order,
    disk: SimDisk,
    shard: Shard,
    journal: Box<dyn Journal>,
    reader: Reader,
    heads: Heads,
    drafts: Receiver<Draft>,
    sealed: VecDeque<Sealed>,
    snapshots: Receiver<Message>,
    is_busy: Arc<AtomicBool>,
    writer: Option<SnapshotWriter>,
    ending: Option<u64>,
    builder: IndexBuilder,
    cycles: Cycles,
    durable: Progress,
    covered: Progress,
}

impl Daemon {
    fn start(disk: SimDisk, clock: &Arc<AtomicU64>, order: Order) -> Self {
        let shared: Arc<dyn Disk> = Arc::new(disk.clone());
        let (journal, _) =
            Embedded::open(Arc::clone(&shared), OPTIONS, &mut |_| {}).expect("journal opens");
        let sources = Sources {
            journal: Box::new(journal),
            disk: shared,
            index: IndexLimits {
                id_memory_bytes: 64 << 10,
                leg_memory_bytes: 64 << 10,
                seed: Seed([3, 4]),
            },
            recent_id_bytes: 64 << 10,
            hash_seed: [1, 2],
        };
        let recovered = recover(sources, |_| {}).expect("recovers");
        let reader = recovered.journal.reader();
        let (drafts_in, drafts) = bounded(IN_FLIGHT_MAX);
        let (pieces_in, snapshots) = bounded(QUEUE);
        let is_busy = Arc::new(AtomicBool::new(false));
        let covered = Progress::at(recovered.builder.covered_cycle());
        let cycles = reader.cycles(recovered.builder.indexed_cycle() + 1);
        let shard = Shard::new(Parts {
            past: ShardPast::new(reader.clone(), IndexSlot::of(recovered.index)),
            authority: authority(),
            snapshots: Snapshots::new(pieces_in, Arc::clone(&is_busy), 8 << 10, 0),
            directory: Directory::of(recovered.ledger.registry()),
            clock: Clock::Manual(Arc::clone(clock)),
            max_clock_step_nanos: u64::MAX / 2,
            drafts: drafts_in,
            room: recovered.journal.room(),
            covered: covered.clone(),
            window: None,
            last_cycle: recovered.last_cycle,
            trap: Trap::default(),
            ledger: recovered.ledger,
        });
        Self {
            order,
            disk,
            shard,
            journal: recovered.journal,
            reader,
            heads: recovered.heads,
            drafts,
            sealed: VecDeque::new(),
            snapshots,
            is_busy,
            writer: None,
            ending: None,
            builder: recovered.builder,
            cycles,
            durable: Progress::at(recovered.last_cycle),
            covered,
        }
    }

    /// Takes one step; false if the power failed in it.
    fn step(&mut self, random: &mut Random) -> bool {
        match random.below(6) {
            0 => {
                if let Ok(draft) = self.drafts.try_recv() {
                    self.sealed.push_back(hasher::seal(&mut self.heads, draft));
                }
                true
            }
            1 => self.commit(),
            2 => self.snapshot().is_ok(),
            3 => {
                self.shard.pump();
                true
            }
            4 => {
                self.shard.flush_denials();
                true
            }
            _ => {
                if let Some(Ok(cycle)) = self.cycles.next() {
                    let blocks = cycle.blocks.iter().map(AsRef::as_ref);
                    if self.builder.apply(cycle.number, blocks).is_err() {
                        return false;
                    }
                    self.covered.advance(self.builder.covered_cycle());
                }
                true
            }
        }
    }

    fn commit(&mut self) -> bool {
        let Some(mut sealed) = self.sealed.pop_front() else {
            return self.journal.idle().is_ok();
        };
        if self.order == Order::ReleaseThenAppend {
            sealed
                .answers
                .drain(..)
                .for_each(crate::cycle::Held::release);
        }
        match committer::commit(
            self.journal.as_mut(),
            &self.durable,
            sealed,
            &Trap::default(),
        ) {
            Ok((number, snapshot)) => {
                if let Some(chunks) = snapshot {
                    let disk: Arc<dyn Disk> = Arc::new(self.disk.clone());
                    let Ok(mut writer) = SnapshotWriter::begin(disk, number) else {
                        return false;
                    };
                    if chunks.iter().any(|chunk| writer.chunk(chunk).is_err()) {
                        return false;
                    }
                    self.writer = Some(writer);
                }
                self.shard.passed(number);
                true
            }
            Err(_) => false,
        }
    }

    fn snapshot(&mut self) -> std::io::Result<()> {
        match self.snapshots.try_recv() {
            Ok(Message::Piece(piece)) => {
                if let Some(writer) = &mut self.writer {
                    writer.chunk(&piece)?;
                }
            }
            Ok(Message::End { cycle }) => self.ending = Some(cycle),
            _ => {}
        }
        if let Some(end) = self.ending.filter(|end| *end <= self.durable.get()) {
            self.ending = None;
            if let Some(writer) = self.writer.take() {
                writer.finish(end)?;
            }
            self.is_busy
                .store(false, std::sync::atomic::Ordering::Release);
        }
        Ok(())
    }
}

/// What clients were told, over all lives of the daemon.
#[derive(Default)]
struct Told {
    created: HashMap<TransferId, Seq>,
    /// Balances of all accounts after this many events.
    balances: Vec<(u64, Vec<Option<Balances>>)>,
    /// Events that record denials.
    denials: Vec<Seq>,
    /// Requests that the rules deny something of.
    deniable: u64,
    heights: u64,
}

struct Asked {
    receiver: oneshot::Receiver<Reply>,
    ids: Vec<TransferId>,
}

/// The same rules for everyone who judges: role `read` posts nothing, and nobody more than 25.
fn authority() -> Authority {
    Authority::new(policies("simulation", Needs::TRANSFERS, |question| {
        let context = question.context;
        if context.roles.contains(&"read") && context.operation == "post" {
            return Ok(Verdict::Deny(1));
        }
        let amounts = (0..).zip(&question.transfers.amount_low);
        let denials: Vec<MemberDenial> = amounts
            .filter(|(_, amount)| **amount > 25)
            .map(|(index, _)| MemberDenial { index, rule: 2 })
            .collect();
        Ok(if denials.is_empty() {
            Verdict::Allow
        } else {
            Verdict::AllowExcept(denials)
        })
    }))
}

/// Whether the rules deny something of it.
fn is_denied(request: &Request, may_write: bool) -> bool {
    match request {
        Request::Post(post) => !may_write || post.transfers.iter().any(|t| t.amount > 25),
        _ => false,
    }
}

fn submit(daemon: &mut Daemon, admission: &Admission, request: Request, may_write: bool) -> Asked {
    let operation = request.operation();
    let role = match operation.class() {
        ledger::operation::OperationClass::Operate => Role::Operator,
        _ if may_write => Role::Admin,
        _ => Role::Read,
    };
    let far = Nanos(u64::MAX);
    let name = Name::parse("acme").expect("a name");
    let principal = match role {
        Role::Operator => Principal::of_platform(role, "spiffe://t/o", Digest::ZERO, far),
        _ => Principal::of_tenant((TenantId(1), name), role, "spiffe://t/a", Digest::ZERO, far),
    };
    let resource = match role {
        Role::Operator => Resource::Platform,
        _ => Resource::Book {
            book: BOOK,
            owner: Some(Owner::tenant(TenantId(1), name)),
        },
    };
    let ids = match &request {
        Request::Post(post) => post.transfers.iter().map(|t| t.id).collect(),
        _ => Vec::new(),
    };
    let judged = plugins_host::Request {
        operation,
        resource,
        id: 1,
        digest: Digest::ZERO,
    };
    let command = Command {
        book: BOOK,
        request,
        notes: Vec::new(),
    };
    let principal = Arc::new(principal.expect("a principal"));
    let judged = authority().permit(&principal, judged, command, Nanos(1));
    let admitted = admission.take(TenantId(1), 1).expect("room");
    let (reply, receiver) = oneshot::channel();
    daemon.shard.enqueue(Submit {
        judged: judged.into(),
        deadline: far,
        reply,
        admitted,
    });
    Asked { receiver, ids }
}

fn setup() -> Vec<Request> {
    let name = Name::parse("acme").expect("a name");
    let code = AssetCode::parse("USD").expect("a code");
    let account = |id| NewAccount {
        id: AccountId(id),
        asset: AssetId(1),
        code: 1,
        user_data: 0,
        settings: ledger::account::AccountSettings {
            floor: (id > 2).then_some(-50),
            ..Default::default()
        },
    };
    let accounts = (1..=ACCOUNTS).map(account).collect();
    vec![
        Request::CreateTenant(m::CreateTenant {
            tenant: Tenant {
                id: TenantId(1),
                name,
            },
        }),
        Request::CreateAsset(m::CreateAsset {
            asset: Asset {
                id: AssetId(1),
                code,
                exponent: 2,
            },
        }),
        Request::CreateBook(m::CreateBook {
            book: BOOK,
            tenant: TenantId(1),
            name,
            importing: false,
        }),
        Request::CreateAccounts(m::CreateAccounts { accounts }),
    ]
}

fn random_request(random: &mut Random) -> Request {
    if random.one_in(6) {
        let ids = (1..=ACCOUNTS).map(AccountId).collect();
        return Request::BalancesAsOf(m::BalancesAsOf {
            as_of: m::AsOf::Now,
            ids,
        });
    }
    let count = 1 + random.below(6);
    let transfers = (0..count).map(|_| random_transfer(random)).collect();
    Request::Post(m::Post {
        transfers,
        notes: Vec::new(),
    })
}

fn random_transfer(random: &mut Random) -> Transfer {
    let account = |random: &mut Random| 1 + u128::from(random.below(ACCOUNTS as u64));
    let id = 1 + u128::from(random.below(400));
    let mut t = Transfer::new(id, account(random), account(random), 1, 1);
    t.amount = 1 + u128::from(random.below(30));
    match random.below(8) {
        0 => {
            t.flags = TransferFlags::HOLD;
            t.timeout = random.below(3) as u32;
        }
        1 => {
            t.flags = if random.one_in(2) {
                TransferFlags::CAPTURE
            } else {
                TransferFlags::VOID
            };
            t.target = TransferId(1 + u128::from(random.below(400)));
        }
        2 => t.flags = TransferFlags::LINKED,
        _ => {}
    }
    t
}

fn listen(asked: &mut Vec<Asked>, told: &mut Told) {
    asked.retain_mut(|asked| match asked.receiver.try_recv() {
        Err(oneshot::error::TryRecvError::Empty) => true,
        Err(oneshot::error::TryRecvError::Closed) => false,
        Ok(Reply::Answer(Answer::Post(outcomes))) => {
            told.heights = told.heights.max(outcomes.height.0);
            let exceptions = outcomes.exceptions.iter();
            let denied = exceptions.filter(|exception| exception.code == Code::Denied);
            told.denials
                .extend(denied.filter_map(|exception| exception.seq));
            for (at, id) in asked.ids.iter().enumerate() {
                let (code, seq) = (outcomes.code(at as u32), outcomes.seq(at as u32));
                if code.is_posted() {
                    let seq = seq.expect("a posted item has an event");
                    let before = told.created.insert(*id, seq);
                    assert!(
                        before.is_none_or(|before| before == seq),
                        "posted twice: {id}"
                    );
                } else if let Some(seq) = told.created.get(id) {
                    let known = (101..300).contains(&code.number());
                    assert!(known, "{id} stands at {seq} and was answered {code}");
                }
            }
            false
        }
        Ok(Reply::Answer(Answer::BalancesAsOf(found))) => {
            told.heights = told.heights.max(found.height.0);
            told.balances.push((found.events, found.rows));
            false
        }
        Ok(Reply::Failure(failure)) if failure.code == Code::Denied => {
            let known = asked.ids.iter().find(|id| told.created.contains_key(id));
            assert_eq!(known, None, "it stands and was denied");
            told.denials.extend(failure.denial.map(|place| place.seq));
            false
        }
        Ok(Reply::Answer(_)) => false,
        Ok(other) => panic!("{other:?}"),
    });
}

/// Requests that denials stand for, each event by the number of requests that it says.
fn recorded(events: &[Event]) -> u64 {
    let denied = events.iter().map(|event| match event {
        Event::RequestDenied(e) => e.denial.count,
        _ => 0,
    });
    denied.sum()
}

/// Folds what is recovered by itself and holds it against what was told.
fn judge(daemon: &Daemon, told: &Told) {
    let mut events = Vec::new();
    for cycle in daemon.reader.cycles(1) {
        for block in &cycle.expect("readable").blocks {
            if block.header.book == BOOK {
                for record in Records(&block.events) {
                    events.push(Event::decode(record.expect("whole")).expect("a record"));
                }
            }
        }
    }
    let book = daemon.shard.ledger.book(BOOK);
    assert_eq!(
        book.map_or(0, |book| book.next_seq().0),
        events.len() as u64
    );
    assert!(
        book.map_or(0, ledger::Book::height) >= told.heights,
        "a height was lost"
    );
    for (id, seq) in &told.created {
        let stands = matches!(events.get(seq.0 as usize), Some(Event::Transfer(t)) if t.id == *id);
        assert!(stands, "{id} was acknowledged at {seq} and is not there");
    }
    for seq in &told.denials {
        let stands = matches!(events.get(seq.0 as usize), Some(Event::RequestDenied(_)));
        assert!(stands, "a denial was told of at {seq} and is not there");
    }
    assert!(
        recorded(&events) <= told.deniable,
        "denials were counted twice"
    );
    let mut sums: HashMap<AccountId, Balances> = HashMap::new();
    let mut points: Vec<_> = told.balances.iter().collect();
    points.sort_by_key(|(events, _)| *events);
    let mut points = points.into_iter().peekable();
    for at in 0..=events.len() {
        while let Some((_, rows)) = points.next_if(|(events, _)| *events == at as u64) {
            for (id, row) in (1..=ACCOUNTS).map(AccountId).zip(rows) {
                let sum = sums.get(&id).copied().unwrap_or_default();
                assert!(
                    row.is_none_or(|row| row == sum),
                    "{id} after {at}: {row:?} {sum:?}"
                );
            }
        }
        let Some(event) = events.get(at) else { break };
        for leg in ledger::leg::legs(event).into_iter().flatten() {
            let sum = sums.entry(leg.account).or_default();
            let (posted, pending) = match leg.side {
                ledger::leg::Side::Debit => (&mut sum.debits_posted, &mut sum.debits_pending),
                ledger::leg::Side::Credit => (&mut sum.credits_posted, &mut sum.credits_pending),
            };
            *posted += leg.posted;
            *pending = *pending + leg.held - leg.released;
        }
    }
    assert!(
        points.peek().is_none(),
        "balances of events that are not there were shown"
    );
    for account in book.map(ledger::Book::accounts).unwrap_or_default() {
        assert_eq!(
            account.balances,
            sums.get(&account.id).copied().unwrap_or_default()
        );
    }
    assert!(book.is_none_or(|book| book.totals().is_balanced()));
}

fn run(seed: u64, order: Order) {
    let mut random = Random::new(seed);
    let clock = Arc::new(AtomicU64::new(1_000_000_000));
    let limits = AdmissionLimits {
        total_bytes: 1 << 20,
        tenant_bytes: 1 << 20,
    };
    let admission = Admission::new(limits);
    let mut told = Told::default();
    let mut daemon = Daemon::start(SimDisk::new(seed), &clock, order);
    for _life in 0..4 {
        let mut asked: Vec<Asked> = setup()
            .into_iter()
            .map(|request| submit(&mut daemon, &admission, request, true))
            .collect();
        let steps = 50 + random.below(500);
        if random.one_in(2) {
            let after = daemon.disk.operations() + random.below(200);
            daemon.disk.fail_power_at(after);
        }
        for _ in 0..steps {
            clock.fetch_add(
                random.below(400_000_000),
                std::sync::atomic::Ordering::AcqRel,
            );
            if random.one_in(3) {
                let request = random_request(&mut random);
                let may_write = !random.one_in(6);
                told.deniable += u64::from(is_denied(&request, may_write));
                asked.push(submit(&mut daemon, &admission, request, may_write));
            }
            let goes_on = daemon.step(&mut random);
            listen(&mut asked, &mut told);
            if !goes_on {
                break;
            }
        }
        let disk = if random.one_in(3) {
            daemon.disk.process_end()
        } else {
            daemon.disk.power_loss()
        };
        drop(daemon);
        daemon = Daemon::start(disk, &clock, order);
        judge(&daemon, &told);
    }
}

#[test]
fn no_released_answer_contradicts_what_is_recovered() {
    let first: u64 = std::env::var("LEDGERD_SEED")
        .ok()
        .and_then(|s| s.parse().ok())
        .unwrap_or(1);
    let seeds: u64 = std::env::var("LEDGERD_SEEDS")
        .ok()
        .and_then(|s| s.parse().ok())
        .unwrap_or(60);
    for seed in first..first + seeds {
        eprintln!("seed {seed}");
        run(seed, Order::AppendThenRelease);
    }
}

/// The judge must be able to fail: a daemon that answers before it appends is found out.
#[test]
fn answers_released_before_the_append_are_found_out() {
    let found = (1..=40)
        .any(|seed| std::panic::catch_unwind(|| run(seed, Order::ReleaseThenAppend)).is_err());
    assert!(found, "40 seeds of a wrong daemon went unnoticed");
}
