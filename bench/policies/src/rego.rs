//! The rule in Rego, compiled for the virtual machine of `regorus`.

use std::collections::BTreeMap;
use std::sync::Arc;

use regorus::languages::rego::compiler::Compiler;
use regorus::rvm::program::Program;
use regorus::rvm::vm::RegoVM;
use regorus::{Engine, Value};

use crate::Outcome;
use crate::world::{Batch, Transfer, numbers};

const POLICY: &str = include_str!("../rules/spending.rego");

/// The machine, with one of the questions loaded.
pub struct Rego {
    machine: RegoVM,
}

impl Rego {
    /// Ready to be asked about one transfer.
    pub fn one() -> Outcome<Self> {
        Self::asking("data.spending.one")
    }

    /// Ready to be asked about a batch.
    pub fn batch() -> Outcome<Self> {
        Self::asking("data.spending.batch")
    }

    fn asking(question: &str) -> Outcome<Self> {
        let mut engine = Engine::new();
        engine.add_policy("spending.rego".to_owned(), POLICY.to_owned())?;
        let compiled = engine.compile_with_entrypoint(&Arc::from(question))?;
        let program: Arc<Program> = Compiler::compile_from_policy(&compiled, &[question])?;
        let mut machine = RegoVM::new();
        machine.load_program(program);
        machine.set_execution_timer_config(None);
        machine.set_max_instructions(usize::MAX);
        machine.set_data(Value::new_object())?;
        Ok(Self { machine })
    }

    /// What is asked about one transfer.
    pub fn input_of_one(batch: &Batch, transfer: &Transfer) -> Value {
        object([
            ("hour", Value::from(batch.hour())),
            ("transfer", transfer_value(batch, transfer)),
        ])
    }

    /// What is asked about a batch.
    pub fn input_of_batch(batch: &Batch) -> Value {
        let transfers = batch.transfers.iter();
        let transfers: Vec<Value> = transfers.map(|each| transfer_value(batch, each)).collect();
        object([
            ("hour", Value::from(batch.hour())),
            ("transfers", Value::from(transfers)),
        ])
    }

    /// The first rule that denies the transfer, or 0.
    pub fn decide_one(&mut self, input: Value) -> Outcome<u16> {
        self.machine.set_input(input);
        number(&self.machine.execute()?)
    }

    /// What is denied, by rule.
    pub fn decide_batch(&mut self, input: Value) -> Outcome<Value> {
        self.machine.set_input(input);
        Ok(self.machine.execute()?)
    }

    /// For each of `size` transfers the first rule that denies it, or 0.
    pub fn rules(denied: &Value, size: usize) -> Outcome<Vec<u16>> {
        if denied["closed"] == Value::from(true) {
            return Ok(vec![2; size]);
        }
        let mut rules = vec![0; size];
        for (field, rule) in [("tagged", 4), ("over", 3)] {
            for place in denied[field].as_array()?.iter() {
                rules[place.as_u32()? as usize] = rule;
            }
        }
        Ok(rules)
    }
}

fn transfer_value(batch: &Batch, transfer: &Transfer) -> Value {
    let tags: Vec<Value> = numbers(batch.tags(transfer)).map(Value::from).collect();
    object([
        ("asset", Value::from(batch.asset(transfer))),
        ("amount", Value::from(transfer.amount)),
        ("tags", Value::from(tags)),
    ])
}

fn object<const N: usize>(fields: [(&str, Value); N]) -> Value {
    let fields = fields.map(|(name, value)| (Value::from(name), value));
    Value::from(BTreeMap::from(fields))
}

fn number(value: &Value) -> Outcome<u16> {
    Ok(value.as_u16()?)
}
