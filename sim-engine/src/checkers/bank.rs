//! Accounts: what they hold at first is not part of a history, so a balance is unknown until it is
//! written or read.

use std::collections::BTreeMap;

use super::history::{Answer, Call, ClientHistory, ClientOperation};
use super::records::Rules;
use super::value::{KeyId, Value, ValueId};

/// The accounts of one partition. Two numbers each: 1 if its balance is known, and the balance, or
/// what was added to it so far where it is not.
#[derive(Debug)]
pub(super) struct Accounts {
    places: BTreeMap<KeyId, usize>,
    /// Of every value that was written or answered, the balances it tells.
    told: BTreeMap<ValueId, BTreeMap<KeyId, i64>>,
    /// Of every value that is one number, the number.
    amounts: BTreeMap<ValueId, i64>,
}

impl Accounts {
    pub(super) fn new(history: &ClientHistory, operations: &[ClientOperation]) -> Self {
        let mut accounts =
            Self { places: BTreeMap::new(), told: BTreeMap::new(), amounts: BTreeMap::new() };
        for operation in operations {
            accounts.note_key(operation.key);
            operation.call.target().into_iter().for_each(|to| accounts.note_key(to));
            for value in operation.call.values() {
                accounts.note_value(history, value);
            }
            if let Answer::Ok(value) = operation.answer {
                accounts.note_value(history, value);
            }
        }
        accounts
    }

    fn note_key(&mut self, key: KeyId) {
        let next = self.places.len();
        if key != KeyId::ALL {
            self.places.entry(key).or_insert(next);
        }
    }

    fn note_value(&mut self, history: &ClientHistory, value: ValueId) {
        match history.value_of(value) {
            Value::Int(amount) => {
                self.amounts.insert(value, *amount);
            }
            Value::Map(pairs) => {
                let balance = |(name, value): &(Value, Value)| {
                    Some((history.find_key(name)?, value.as_int()?))
                };
                let told: BTreeMap<_, _> = pairs.iter().filter_map(balance).collect();
                for key in told.keys() {
                    self.note_key(*key);
                }
                self.told.insert(value, told);
            }
            Value::Nil | Value::Bool(_) | Value::Text(_) | Value::List(_) => {}
        }
    }

    fn read(&self, numbers: &mut [i64], operation: &ClientOperation) -> bool {
        let Answer::Ok(value) = operation.answer else { return false };
        if operation.key != KeyId::ALL {
            let amount = self.amounts.get(&value).copied();
            return amount.is_some_and(|amount| self.learn(numbers, operation.key, amount));
        }
        let told = self.told.get(&value);
        told.is_some_and(|told| told.iter().all(|(key, n)| self.learn(numbers, *key, *n)))
    }

    fn learn(&self, numbers: &mut [i64], key: KeyId, amount: i64) -> bool {
        let Some(place) = self.places.get(&key) else { return false };
        let is_known = numbers[2 * place] == 1;
        let is_right = !is_known || numbers[2 * place + 1] == amount;
        (numbers[2 * place], numbers[2 * place + 1]) = (1, amount);
        is_right
    }

    fn transfer(&self, numbers: &mut [i64], operation: &ClientOperation) -> bool {
        let Call::Transfer { to, amount } = operation.call else { return false };
        let places = (self.places.get(&operation.key), self.places.get(&to));
        let (Some(from), Some(to)) = places else { return false };
        let is_known = numbers[2 * from] == 1;
        let is_covered = amount >= 0 && (!is_known || numbers[2 * from + 1] >= amount);
        if operation.answer == Answer::Refused {
            return !is_covered || !is_known;
        }
        numbers[2 * from + 1] = numbers[2 * from + 1].wrapping_sub(amount);
        numbers[2 * to + 1] = numbers[2 * to + 1].wrapping_add(amount);
        is_covered
    }
}

impl Rules for Accounts {
    fn initial(&self) -> Vec<i64> {
        vec![0; 2 * self.places.len()]
    }

    fn apply(&self, numbers: &mut Vec<i64>, operation: &ClientOperation) -> bool {
        if operation.call == Call::Read {
            return self.read(numbers, operation);
        }
        let Call::Write(value) = operation.call else {
            return self.transfer(numbers, operation);
        };
        let place = self.places.get(&operation.key);
        let (Some(place), Some(amount)) = (place, self.amounts.get(&value)) else { return false };
        (numbers[2 * place], numbers[2 * place + 1]) = (1, *amount);
        operation.answer != Answer::Refused
    }

    fn describe(&self, history: &ClientHistory, numbers: &[i64]) -> String {
        let account = |(key, place): (&KeyId, &usize)| {
            let (is_known, n) = (numbers[2 * place] == 1, numbers[2 * place + 1]);
            let unknown = if is_known { "" } else { "?+" };
            format!("{} {unknown}{n}", history.key_name(*key))
        };
        let words: Vec<String> = self.places.iter().map(account).collect();
        format!("{{{}}}", words.join(", "))
    }
}
