//! Guests written in the text of WebAssembly, each as bad as its test wants it.

use std::sync::OnceLock;

use ledger::Digest;
use plugins_host::contract::ResourceView;
use plugins_host::{
    AccountColumns, Context, Limits, LoadError, LoadOptions, Policy, Runtime, RuntimeOptions,
    TransferColumns,
};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

pub(crate) const WIT: &str = include_str!("../../../../wit/0.1.0/policy.wit");

/// What a guest does where it differs from one that allows everything.
#[derive(Clone)]
pub(crate) struct Guest {
    /// Body of `init`, which leaves the address of its answer.
    pub(crate) init: String,
    /// Body of `describe`.
    pub(crate) describe: String,
    /// Body of `evaluate`.
    pub(crate) evaluate: String,
    /// Body of `explain`.
    pub(crate) explain: String,
    /// Imports of the module.
    pub(crate) imports: String,
    /// Further items of the module.
    pub(crate) more: String,
    /// Pages of memory at the start.
    pub(crate) pages: u32,
    /// The needs, as bits.
    pub(crate) needs: u8,
    /// The contract that it says it is of.
    pub(crate) version: &'static str,
}

/// Where the module has its answers.
const OK: &str = "(i32.const 16)";
const DESCRIPTION: &str = "(i32.const 32)";

impl Default for Guest {
    fn default() -> Self {
        Self {
            init: OK.to_owned(),
            describe: DESCRIPTION.to_owned(),
            evaluate: OK.to_owned(),
            explain: OK.to_owned(),
            imports: String::new(),
            more: String::new(),
            pages: 2,
            needs: 0b1000,
            version: "0.1.0",
        }
    }
}

impl Guest {
    /// A guest whose `evaluate` is this.
    pub(crate) fn evaluating(body: &str) -> Self {
        Self {
            evaluate: body.to_owned(),
            ..Self::default()
        }
    }

    /// A guest that denies these members by these rules.
    pub(crate) fn denying(members: &[(u32, u16)]) -> Self {
        let mut body = String::new();
        for (at, (index, rule)) in members.iter().enumerate() {
            let place = 8_192 + 8 * at;
            body.push_str(&format!(
                "(i32.store (i32.const {place}) (i32.const {index}))
                 (i32.store16 (i32.const {}) (i32.const {rule}))",
                place + 4
            ));
        }
        Self::evaluating(&format!(
            "{body} {}",
            allow_except(8_192, members.len() as u32)
        ))
    }

    /// The component.
    pub(crate) fn build(&self) -> Vec<u8> {
        let world = WIT.replace("@0.1.0", &format!("@{}", self.version));
        self.build_for(&world, "ledgerd:policy/policy")
    }

    /// The component, of another world whose one interface has the same functions.
    pub(crate) fn build_for(&self, wit: &str, interface: &str) -> Vec<u8> {
        let version = self.version;
        let mut module = wat::parse_str(self.text(&format!("{interface}@{version}"))).unwrap();
        let mut resolve = Resolve::default();
        let package = resolve.push_str("policy.wit", wit).unwrap();
        let world = resolve.select_world(&[package], None).unwrap();
        embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
        let mut encoder = ComponentEncoder::default().module(&module).unwrap();
        encoder.encode().unwrap()
    }

    fn text(&self, interface: &str) -> String {
        let Self {
            init,
            describe,
            evaluate,
            explain,
            imports,
            more,
            pages,
            needs,
            ..
        } = self;
        format!(
            r#"(module
  {imports}
  (memory (export "memory") {pages})
  (global $free (mut i32) (i32.const 65536))
  {more}
  ;; 16: all well. 32: the description; 64: its rules; 128: texts.
  (data (i32.const 32) "\80\00\00\00\05\00\00\00\01\00\00\00\40\00\00\00\01\00\00\00\{needs:02x}")
  (data (i32.const 64) "\07\00\00\00\88\00\00\00\04\00\00\00\90\00\00\00\03\00\00\00")
  (data (i32.const 128) "guest\00\00\00rule\00\00\00\00doc")
  (func (export "cabi_realloc") (param $old i32) (param $size i32) (param $align i32)
        (param $new i32) (result i32)
    (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $free) (i32.const 7)) (i32.const -8)))
    (global.set $free (i32.add (local.get $at) (local.get $new)))
    (block $fits
      (br_if $fits (i32.le_u (global.get $free) (i32.shl (memory.size) (i32.const 16))))
      (br_if $fits (i32.ne (i32.const -1) (memory.grow (i32.add (i32.const 1) (i32.shr_u
        (i32.sub (global.get $free) (i32.shl (memory.size) (i32.const 16)))
        (i32.const 16))))))
      unreachable)
    (local.get $at))
  (func $done (global.set $free (i32.const 65536)))
  (func (export "{interface}#init") (param i32 i32) (result i32) {init})
  (func (export "{interface}#describe") (result i32) {describe})
  (func (export "{interface}#evaluate") (param $args i32) (result i32) {evaluate})
  (func (export "{interface}#explain") (param $args i32) (result i32) {explain})
  (func (export "cabi_post_{interface}#evaluate") (param i32) call $done)
  (func (export "cabi_post_{interface}#init") (param i32) call $done)
)"#
        )
    }
}

/// Leaves the address of a list of denied members that stands at `place`.
pub(crate) fn allow_except(place: u32, count: u32) -> String {
    format!(
        "(i32.store8 (i32.const 260) (i32.const 1))
         (i32.store (i32.const 264) (i32.const {place}))
         (i32.store (i32.const 268) (i32.const {count}))
         (i32.const 256)"
    )
}

/// Leaves the address of a denial of the whole.
pub(crate) fn deny(rule: u16) -> String {
    format!(
        "(i32.store8 (i32.const 260) (i32.const 2))
         (i32.store16 (i32.const 264) (i32.const {rule}))
         (i32.const 256)"
    )
}

/// Leaves the address of an error of kind `kind` whose text has `bytes` bytes: five of them are
/// `guest`, more are zeros.
pub(crate) fn error(kind: u8, bytes: u32) -> String {
    let place = if bytes == 5 { 128 } else { 16_384 };
    format!(
        "(i32.store8 (i32.const 256) (i32.const 1))
         (i32.store8 (i32.const 260) (i32.const {kind}))
         (i32.store (i32.const 264) (i32.const {place}))
         (i32.store (i32.const 268) (i32.const {bytes}))
         (i32.const 256)"
    )
}

/// One for all tests of a process.
pub(crate) fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| Runtime::new(RuntimeOptions::default()).unwrap())
}

/// Loads a component under the usual limits.
pub(crate) fn load(component: &[u8]) -> Result<Policy, LoadError> {
    load_within(component, Limits::default())
}

/// Loads a component under these limits.
pub(crate) fn load_within(component: &[u8], limits: Limits) -> Result<Policy, LoadError> {
    Policy::load(runtime(), &options(component, limits))
}

/// What a component is loaded with.
pub(crate) fn options(component: &[u8], limits: Limits) -> LoadOptions<'_> {
    LoadOptions {
        name: "guest",
        component,
        digest: Digest::of(component),
        config: "{}",
        config_version: None,
        limits,
        cases: None,
    }
}

/// A request to post.
pub(crate) fn context() -> Context<'static> {
    Context {
        operation: "post",
        resource: ResourceView {
            kind: "book",
            id: "1",
            owner: "acme",
            owned: true,
        },
        tenant: "acme",
        principal: "spiffe://ledger.example/tenant/acme/app",
        roles: &["write"],
        scopes: &[],
        attributes: &[],
        now: 1_800_000_000_000_000_000,
        request_id_low: 7,
        request_id_high: 0,
    }
}

/// A batch of this many transfers, each between two accounts of its own.
pub(crate) fn batch(transfers: u32) -> (AccountColumns, TransferColumns) {
    let mut accounts = AccountColumns::default();
    let mut batch = TransferColumns::default();
    for index in 0..transfers {
        for side in 0..2 {
            let account = u64::from(2 * index + side);
            accounts.id_low.push(account + 1);
            accounts.id_high.push(0);
            accounts.code.push(1);
            accounts.asset.push(1);
            accounts.state_bits.push(0);
            accounts.tag_bits.push(0);
        }
        batch.debit.push(2 * index);
        batch.credit.push(2 * index + 1);
        batch.amount_low.push(u64::from(index) + 1);
        batch.amount_high.push(0);
        batch.asset.push(1);
        batch.code.push(1);
        batch.flag_bits.push(0);
        batch.id_low.push(u64::from(index) + 1);
        batch.id_high.push(1);
        batch.timeout.push(0);
        batch.effective_at.push(0);
        batch.user_data.push(0);
    }
    (accounts, batch)
}

/// Asks about a batch of this many transfers.
pub(crate) fn ask(
    policy: &Policy,
    transfers: u32,
) -> Result<plugins_host::Verdict, plugins_host::Fault> {
    let (accounts, batch) = batch(transfers);
    policy.evaluate(&context(), &accounts, &batch)
}
