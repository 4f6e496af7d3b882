//! Accounts: what they hold at first is not part of a history, so a balance is unknown until it is
//! written or read.

use std::collections::BTreeMap;

use super::history::{Answer, Call, ClientHistory, ClientOperation};
use super::records::Rules;
use super::value::{KeyId, Value, ValueId};

/// The accounts of one partition.
#[derive(Debug)]
pub(super) struct Accounts {
    places: BTreeMap<KeyId, usize>,
    /// Of every value that was written or answered, the balances it tells.
    told: BTreeMap<ValueId, BTreeMap<KeyId, i64>>,
    /// Of every value that is one number, the number.
    amounts: BTreeMap<ValueId, i64>,
}

/// How many numbers an account has in a state.
const NUMBERS: usize = 4;

/// An account, as a state has it.
#[derive(Clone, Copy, Debug)]
struct Account {
    is_known: bool,
    /// The balance, or what was added to it so far where it is not known.
    n: i64,
    /// What an account held at first if its balance is not known: at least this, and at most that.
    least: i64,
    most: i64,
}

impl Account {
    const fn holding(n: i64) -> Self {
        Self { is_known: true, n, least: 0, most: 0 }
    }

    fn of(numbers: &[i64], place: usize) -> Self {
        let at = |n| numbers[NUMBERS * place + n];
        Self { is_known: at(0) == 1, n: at(1), least: at(2), most: at(3) }
    }

    fn put(self, numbers: &mut [i64], place: usize) {
        let new = [i64::from(self.is_known), self.n, self.least, self.most];
        numbers[NUMBERS * place..NUMBERS * (place + 1)].copy_from_slice(&new);
    }

    /// Somebody was told the balance. True if it may be that.
    fn learn(&mut self, balance: i64) -> bool {
        let before = *self;
        *self = Self::holding(balance);
        if before.is_known {
            return before.n == balance;
        }
        (before.least..=before.most).contains(&balance.saturating_sub(before.n))
    }

    /// Somebody was told that the balance covers an amount, or that it does not. True if that may
    /// be so.
    fn covers(&mut self, amount: i64, is_covered: bool) -> bool {
        if self.is_known {
            return (self.n >= amount) == is_covered;
        }
        let needed = amount.saturating_sub(self.n);
        if is_covered {
            self.least = self.least.max(needed);
        } else {
            self.most = self.most.min(needed.saturating_sub(1));
        }
        self.least <= self.most
    }
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
            // Nobody ever put anything there.
            Value::Nil => {
                self.amounts.insert(value, 0);
            }
            Value::Bool(_) | Value::Text(_) | Value::List(_) => {}
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

    fn learn(&self, numbers: &mut [i64], key: KeyId, balance: i64) -> bool {
        let Some(place) = self.places.get(&key) else { return false };
        let mut account = Account::of(numbers, *place);
        let is_right = account.learn(balance);
        account.put(numbers, *place);
        is_right
    }

    fn write(&self, numbers: &mut [i64], operation: &ClientOperation, value: ValueId) -> bool {
        let place = self.places.get(&operation.key);
        let (Some(place), Some(amount)) = (place, self.amounts.get(&value)) else { return false };
        Account::holding(*amount).put(numbers, *place);
        operation.answer != Answer::Refused
    }

    /// Compare-and-set of a balance. One that nobody knows may be any, and that it was refused once
    /// is not remembered of it.
    fn swap(
        &self,
        numbers: &mut [i64],
        operation: &ClientOperation,
        (from, to): (ValueId, ValueId),
    ) -> bool {
        let amounts = (self.amounts.get(&from).copied(), self.amounts.get(&to));
        let (Some(from), Some(to)) = amounts else { return false };
        let Some(place) = self.places.get(&operation.key) else { return false };
        if operation.answer == Answer::Refused {
            let account = Account::of(numbers, *place);
            return !account.is_known || account.n != from;
        }
        let is_right = self.learn(numbers, operation.key, from);
        Account::holding(*to).put(numbers, *place);
        is_right
    }

    /// Adds to one account. The answer, if there is one, is the new balance.
    fn add(&self, numbers: &mut [i64], operation: &ClientOperation, amount: i64) -> bool {
        let Some(place) = self.places.get(&operation.key) else { return false };
        let mut account = Account::of(numbers, *place);
        account.n = account.n.wrapping_add(amount);
        account.put(numbers, *place);
        match operation.answer {
            Answer::Ok(ValueId::NIL) | Answer::Failed | Answer::Unknown => true,
            Answer::Ok(value) => {
                let told = self.amounts.get(&value).copied();
                told.is_some_and(|told| self.learn(numbers, operation.key, told))
            }
            Answer::Refused => false,
        }
    }

    fn transfer(&self, numbers: &mut [i64], operation: &ClientOperation) -> bool {
        let Call::Transfer { to, amount } = operation.call else { return false };
        let places = (self.places.get(&operation.key), self.places.get(&to));
        let (Some(from), Some(to)) = places else { return false };
        let is_done = operation.answer != Answer::Refused;
        let mut giver = Account::of(numbers, *from);
        if amount < 0 {
            return !is_done;
        }
        let may_be = giver.covers(amount, is_done);
        if is_done {
            giver.n = giver.n.wrapping_sub(amount);
        }
        giver.put(numbers, *from);
        if is_done {
            let mut taker = Account::of(numbers, *to);
            taker.n = taker.n.wrapping_add(amount);
            taker.put(numbers, *to);
        }
        may_be
    }
}

impl Rules for Accounts {
    fn initial(&self) -> Vec<i64> {
        [0, 0, i64::MIN, i64::MAX].repeat(self.places.len())
    }

    fn apply(&self, numbers: &mut Vec<i64>, operation: &ClientOperation) -> bool {
        match operation.call {
            Call::Read => self.read(numbers, operation),
            Call::Write(value) => self.write(numbers, operation, value),
            Call::Cas { from, to } => self.swap(numbers, operation, (from, to)),
            Call::Add(amount) => self.add(numbers, operation, amount),
            Call::Transfer { .. } => self.transfer(numbers, operation),
            // The model serves nothing else.
            Call::Append(_)
            | Call::Insert(_)
            | Call::Remove(_)
            | Call::Contains(_)
            | Call::Enqueue(_)
            | Call::Dequeue
            | Call::Acquire
            | Call::Release => false,
        }
    }

    fn describe(&self, history: &ClientHistory, numbers: &[i64]) -> String {
        let account = |(key, place): (&KeyId, &usize)| {
            let Account { is_known, n, .. } = Account::of(numbers, *place);
            let unknown = if is_known { "" } else { "?+" };
            format!("{} {unknown}{n}", history.key_name(*key))
        };
        let words: Vec<String> = self.places.iter().map(account).collect();
        format!("{{{}}}", words.join(", "))
    }
}
