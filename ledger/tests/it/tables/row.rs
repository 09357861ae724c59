//! Rows of tables: words, then `key=value` pairs and flags in any order, then `| code`.

use ledger::account::AccountSettings;
use ledger::note::Note;
use ledger::window::WindowLimit;
use ledger::{AccountFlags, AssetId, Code, Nanos, Transfer, TransferFlags, TransferId};

const MAX: u128 = u128::MAX >> 1;

/// One row with what was not read of it yet.
pub(super) struct Row {
    pub(super) verb: String,
    words: Vec<String>,
    pub(super) code: Option<Code>,
}

impl Row {
    pub(super) fn parse(line: &str) -> Self {
        let (left, code) = match line.split_once('|') {
            Some((left, code)) => (left, Some(named(code.trim()))),
            None => (line, None),
        };
        let mut words = left.split_whitespace().map(str::to_owned);
        let verb = words.next().unwrap();
        Self {
            verb,
            words: words.collect(),
            code,
        }
    }

    pub(super) fn word(&mut self) -> String {
        self.words.remove(0)
    }

    pub(super) fn has_more(&self) -> bool {
        !self.words.is_empty()
    }

    pub(super) fn number(&mut self) -> u32 {
        self.word().parse().unwrap()
    }

    pub(super) fn amount(&mut self) -> u128 {
        amount(&self.word())
    }

    pub(super) fn signed(&mut self) -> i128 {
        signed(&self.word())
    }

    pub(super) fn time(&mut self) -> u64 {
        time(&self.word())
    }

    /// An account by name, whose letters are its id; `0` and `max` are ids that no account has.
    pub(super) fn account(&mut self) -> u128 {
        let word = self.word();
        match word.as_str() {
            "0" => 0,
            "max" => u128::MAX,
            name => name
                .bytes()
                .fold(0, |id, letter| id << 8 | u128::from(letter)),
        }
    }

    /// The value of `key=value`, if the row has it.
    pub(super) fn value(&mut self, key: &str) -> Option<String> {
        let of_key = |word: &String| word.split_once('=').is_some_and(|(k, _)| k == key);
        let at = self.words.iter().position(of_key)?;
        let word = self.words.remove(at);
        Some(word[key.len() + 1..].to_owned())
    }

    pub(super) fn flag(&mut self, name: &str) -> bool {
        let before = self.words.len();
        self.words.retain(|word| word != name);
        self.words.len() != before
    }

    pub(super) fn settings(&mut self) -> AccountSettings {
        let mut flags = 0;
        for (name, flag) in [
            ("debit_normal", AccountFlags::DEBIT_NORMAL),
            ("frozen_debits", AccountFlags::FROZEN_DEBITS),
            ("frozen_credits", AccountFlags::FROZEN_CREDITS),
            ("closed", AccountFlags::CLOSED),
            ("reserved", 1 << 4),
        ] {
            flags |= if self.flag(name) { flag } else { 0 };
        }
        AccountSettings {
            flags: AccountFlags(flags),
            floor: self.value("floor").map(|text| signed(&text)),
            ceiling: self.value("ceiling").map(|text| signed(&text)),
            limits: [self.limit(), self.limit()],
            tags: self.value("tags").map_or(0, |text| text.parse().unwrap()),
        }
    }

    /// `limit=SECONDS/COUNT/AMOUNT`
    fn limit(&mut self) -> WindowLimit {
        let Some(text) = self.value("limit") else {
            return WindowLimit::default();
        };
        let parts: Vec<u128> = text.split('/').map(amount).collect();
        WindowLimit {
            seconds: parts[0] as u32,
            count: parts[1] as u32,
            amount: parts[2],
        }
    }

    /// `ID DEBIT CREDIT AMOUNT [flags] [target=ID] [timeout=S] [effective=T] [at=T] [asset=N]
    /// [code=N] [user=N] [ref=TEXT] [meta=TEXT]`
    pub(super) fn transfer(&mut self) -> (Transfer, Note) {
        let (id, debit, credit) = (id(&self.word()), self.account(), self.account());
        let mut t = Transfer::new(id, debit, credit, self.amount(), 1);
        for (flag, name) in TransferFlags::ALL {
            if self.flag(name) {
                t.flags = t.flags.with(*flag);
            }
        }
        if self.flag("reserved") {
            t.flags = t.flags.with(TransferFlags(1 << 9));
        }
        let number = |text: String| text.parse::<u64>().unwrap();
        t.target = TransferId(self.value("target").map_or(0, |text| self::id(&text)));
        t.timeout = self.value("timeout").map_or(0, number) as u32;
        t.effective_at = Nanos(self.value("effective").map_or(0, |text| time(&text)));
        t.posted_at = Nanos(self.value("at").map_or(0, |text| time(&text)));
        t.asset = AssetId(self.value("asset").map_or(0, number) as u32);
        t.code = self.value("code").map_or(1, number) as u16;
        t.user_data = self.value("user").map_or(0, number);
        let mut note = Note {
            salt: [7; 16],
            ..Note::default()
        };
        note.reference = self.value("ref").map_or(vec![], bytes);
        note.metadata = self.value("meta").map_or(vec![], bytes);
        (t, note)
    }

    /// Every word must have been read: a misspelt flag would test nothing.
    pub(super) fn end(&self, at: &str) {
        assert!(
            self.words.is_empty(),
            "{:?} is not understood in {at}",
            self.words
        );
    }
}

fn named(name: &str) -> Code {
    let code = Code::ALL.iter().find(|code| code.name() == name);
    *code.unwrap_or_else(|| panic!("there is no code `{name}`"))
}

fn id(text: &str) -> u128 {
    if text == "max" {
        u128::MAX
    } else {
        text.parse().unwrap()
    }
}

/// A number, or `max` with something added or taken off: 2^127 − 1 is the largest amount.
fn amount(text: &str) -> u128 {
    let digits = |text: &str| text.replace('_', "").parse::<u128>().unwrap();
    match text.strip_prefix("max") {
        Some("") => MAX,
        Some(more) if more.starts_with('+') => MAX + digits(&more[1..]),
        Some(less) => MAX - digits(&less[1..]),
        None => digits(text),
    }
}

fn signed(text: &str) -> i128 {
    match text.strip_prefix('-') {
        _ if text == "min" => i128::MIN,
        Some(rest) => -(amount(rest) as i128),
        None => amount(text) as i128,
    }
}

/// `10s` or `10ns`.
pub(super) fn time(text: &str) -> u64 {
    match text.strip_suffix("ns") {
        Some(nanos) => nanos.parse().unwrap(),
        None => text.strip_suffix('s').unwrap().parse::<u64>().unwrap() * 1_000_000_000,
    }
}

/// Text, or `TEXT*N` for a text repeated.
fn bytes(text: String) -> Vec<u8> {
    match text.split_once('*') {
        Some((part, times)) => part.repeat(times.parse().unwrap()).into_bytes(),
        None => text.into_bytes(),
    }
}
