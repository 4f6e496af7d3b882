//! A participant gives locks back, and whoever waited goes on; the timers of what is over stop.

use sim_engine::{Key, NodeId, OpId};

use super::facts::Fact;
use super::locks::Waiter;
use super::message::Message;
use super::participant::{Doubt, Participant, Work};
use super::seats::Alarm;
use super::txn::{Plan, Txn};
use super::{Cx, Out};

impl Participant {
    /// Stops the timers that run for a transaction.
    pub(super) fn stop_timers(txn: Txn, doubt: Option<&Doubt>, work: Option<&Work>, out: &mut Out) {
        if let Some(doubt) = doubt {
            out.cancel_timer(Alarm::Doubt(txn));
            out.cancel_timer(Alarm::DoubtMax(txn));
            if doubt.asked.is_some() {
                out.cancel_timer(Alarm::Collect(txn));
            }
        } else if let Some(work) = work {
            if work.waits {
                out.cancel_timer(Alarm::Lock(txn));
            }
            if work.said_yes {
                out.cancel_timer(Alarm::Doubt(txn));
            }
        }
    }

    /// Gives back every lock of a transaction; whoever waited goes on.
    pub(super) fn unlock(&mut self, cx: &mut Cx<'_>, txn: Txn, plan: &Plan, out: &mut Out) {
        let Some(branch) = plan.branch(self.id) else { return };
        let mut freed = Vec::new();
        for (key, _) in branch.actions.iter() {
            self.locks.give_back(*key, txn, &mut freed);
        }
        for (key, waiter) in &freed {
            out.announce(Fact::LockGranted { waiter: *waiter, key: *key });
        }
        for (key, waiter) in freed {
            match waiter {
                Waiter::Reader(client, op) => {
                    out.send(client, Message::Value { op, value: self.value(key) });
                }
                Waiter::Writer(next) => {
                    self.tell_of_waiters(key, next, out);
                    self.go_on(cx, next, out);
                }
            }
        }
    }

    /// Those who still wait now wait for somebody else.
    fn tell_of_waiters(&self, key: Key, holder: Txn, out: &mut Out) {
        let Some(lock) = self.locks.of(key) else { return };
        for waiter in &lock.waiters {
            if let Waiter::Writer(waiter) = waiter
                && let Some(work) = self.works.get(*waiter)
            {
                let message = Message::Waits { waiter: *waiter, holder };
                out.send(work.plan.coordinator, message);
            }
        }
    }

    pub(super) fn on_read(&mut self, reader: (NodeId, OpId), key: Key, out: &mut Out) {
        match self.locks.may_read(key, reader) {
            Ok(()) => out.send(reader.0, Message::Value { op: reader.1, value: self.value(key) }),
            Err(holder) => {
                let waiter = Waiter::Reader(reader.0, reader.1);
                out.announce(Fact::LockWait { waiter, key, holder });
            }
        }
    }
}
