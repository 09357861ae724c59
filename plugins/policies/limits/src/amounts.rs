//! Assets, and how much of each a transfer and a batch may move.

use plugins_sdk::{Amount, PolicyError, Rule, Transfer};

use crate::config::{Bounds, Lists};
use crate::rules;

/// What transfers that end or undo something do not owe: `min` was asked of what they refer to.
const FOLLOWS: u16 = Transfer::CAPTURE | Transfer::REVERSAL;

/// Lines of a configuration: putting them in order takes time with their square.
const MAX_LINES: usize = 1024;

/// One line for each asset that the configuration names, in order, and one for the others.
#[derive(Debug)]
pub(crate) struct Amounts {
    lines: Vec<Line>,
    others: Line,
}

/// Limits of one asset.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line {
    asset: u32,
    /// Why it may not be moved at all.
    forbidden: Option<&'static Rule>,
    pub(crate) min: u128,
    pub(crate) max: u128,
    batch_total: Option<u128>,
}

impl Line {
    const UNBOUNDED: Self = Self {
        asset: 0,
        forbidden: None,
        min: 0,
        max: u128::MAX,
        batch_total: None,
    };

    fn new(bound: &Bounds) -> Result<Self, PolicyError> {
        let value = |amount: Option<Amount>, unset| amount.map_or(unset, |Amount(value)| value);
        let line = Self {
            asset: bound.asset.unwrap_or_default(),
            forbidden: None,
            min: value(bound.min, 0),
            max: value(bound.max, u128::MAX),
            batch_total: bound.batch_total.map(|Amount(total)| total),
        };
        if bound.asset == Some(0) {
            return Err(bad(bound.asset, "is none"));
        }
        if line.min > line.max {
            return Err(bad(bound.asset, "has a `min` above its `max`"));
        }
        if bound.asset.is_none() && bound.batch_total.is_some() {
            return Err(bad(None, "cannot have a `batch_total`: name the asset"));
        }
        Ok(line)
    }

    /// The rule that denies a transfer, if there is one. A void moves nothing.
    #[inline]
    pub(crate) fn check(&self, transfer: &Transfer) -> Option<&'static Rule> {
        if self.forbidden.is_some() {
            return self.forbidden;
        }
        if transfer.has(Transfer::VOID) {
            return None;
        }
        if transfer.amount > self.max {
            return Some(&rules::LARGE);
        }
        let is_small = transfer.amount < self.min && transfer.flags & FOLLOWS == 0;
        is_small.then_some(&rules::SMALL)
    }
}

impl Amounts {
    /// None if the configuration limits nothing.
    pub(crate) fn new(
        assets: Option<Lists<u32>>,
        bounds: Option<Vec<Bounds>>,
    ) -> Result<Option<Self>, PolicyError> {
        if assets.is_none() && bounds.is_none() {
            return Ok(None);
        }
        let lists = assets.iter().flat_map(|lists| [&lists.allow, &lists.deny]);
        let listed: usize = lists.flatten().map(Vec::len).sum();
        if listed + bounds.as_ref().map_or(0, Vec::len) > MAX_LINES {
            let why = format!("`assets` and `amounts` have more than {MAX_LINES} lines");
            return Err(PolicyError::BadConfig(why));
        }
        let (mut named, mut unnamed) = (Vec::new(), None);
        for bound in bounds.iter().flatten() {
            let line = Line::new(bound)?;
            let is_new = match bound.asset {
                Some(_) => insert(&mut named, line),
                None => unnamed.replace(line).is_none(),
            };
            if !is_new {
                return Err(bad(bound.asset, "is there twice"));
            }
        }
        let mut others = unnamed.unwrap_or(Line::UNBOUNDED);
        if let Some(lists) = assets {
            forbid(&lists, &mut named, &mut others);
        }
        Ok(Some(Self {
            lines: named,
            others,
        }))
    }

    pub(crate) fn tally(&self) -> Tally<'_> {
        Tally {
            amounts: self,
            last: (0, self.find(0)),
            left: self
                .lines
                .iter()
                .map(|line| line.batch_total.unwrap_or_default())
                .collect(),
            exceeded: None,
        }
    }

    /// Place of an asset's line; one beyond the last for the others.
    fn find(&self, asset: u32) -> usize {
        self.lines
            .binary_search_by_key(&asset, |line| line.asset)
            .unwrap_or(self.lines.len())
    }
}

/// What a batch moves, asset by asset.
#[derive(Debug)]
pub(crate) struct Tally<'a> {
    amounts: &'a Amounts,
    /// Neighbours mostly move the same asset.
    last: (u32, usize),
    /// What is left of each line's total.
    left: Vec<u128>,
    exceeded: Option<Exceeded>,
}

/// An asset of which a batch moves too much.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Exceeded {
    pub(crate) asset: u32,
    pub(crate) total: u128,
}

impl<'a> Tally<'a> {
    /// The line of an asset.
    #[inline]
    pub(crate) fn line(&mut self, asset: u32) -> &'a Line {
        if self.last.0 != asset {
            self.last = (asset, self.amounts.find(asset));
        }
        let lines = &self.amounts.lines;
        lines.get(self.last.1).unwrap_or(&self.amounts.others)
    }

    /// Adds a transfer of the asset whose line was asked for last.
    #[inline]
    pub(crate) fn add(&mut self, transfer: &Transfer) {
        if transfer.has(Transfer::VOID) {
            return;
        }
        let at = self.last.1;
        let (Some(left), Some(line)) = (self.left.get_mut(at), self.amounts.lines.get(at)) else {
            return;
        };
        let Some(total) = line.batch_total else {
            return;
        };
        if let Some(less) = left.checked_sub(transfer.amount) {
            *left = less;
        } else if self.exceeded.is_none() {
            self.exceeded = Some(Exceeded {
                asset: line.asset,
                total,
            });
        }
    }

    pub(crate) fn exceeded(&self) -> Option<Exceeded> {
        self.exceeded
    }
}

/// Puts a line in its place, unless there is one of its asset.
fn insert(lines: &mut Vec<Line>, line: Line) -> bool {
    match lines.binary_search_by_key(&line.asset, |line| line.asset) {
        Ok(_) => false,
        Err(at) => {
            lines.insert(at, line);
            true
        }
    }
}

/// Marks what the lists forbid. An asset that only the lists name has the bounds of the others.
fn forbid(lists: &Lists<u32>, named: &mut Vec<Line>, others: &mut Line) {
    for asset in [&lists.allow, &lists.deny].into_iter().flatten().flatten() {
        let line = Line {
            asset: *asset,
            ..*others
        };
        insert(named, line);
    }
    if let Some(allowed) = &lists.allow {
        others.forbidden = Some(&rules::ASSET);
        for line in &mut *named {
            line.forbidden = (!allowed.contains(&line.asset)).then_some(&rules::ASSET);
        }
    }
    if let Some(denied) = &lists.deny {
        for line in named.iter_mut().filter(|line| denied.contains(&line.asset)) {
            line.forbidden = Some(&rules::ASSET_DENIED);
        }
    }
}

fn bad(asset: Option<u32>, why: &str) -> PolicyError {
    PolicyError::BadConfig(match asset {
        Some(asset) => format!("`amounts`: asset `{asset}` {why}"),
        None => format!("`amounts`: the line without an asset {why}"),
    })
}
