//! Client commands at a server: appended by the leader, redirected by everybody else (section 8).

use sim_engine::{NodeId, Operation};

use super::RaftRole;
use super::config::{Profile, Reads};
use super::facts::Fact;
use super::log::{Entry, Payload};
use super::message::{Answer, Message};
use super::mutants::{NO_DEDUPE, SILENT_DUPLICATE};
use super::reads::Reader;
use super::server::{Cx, Out, Role, Server, Waiter};

impl Server {
    pub(super) fn on_request(
        &mut self,
        cx: &mut Cx<'_>,
        waiter: Waiter,
        operation: Operation,
        out: &mut Out,
    ) {
        let Waiter { client, session, seq } = waiter;
        if let Operation::Read { key } = operation {
            if is_serializable(cx, client) {
                return self.answer_read(Reader { waiter, key }, out);
            }
            if cx.config().reads != Reads::Log {
                return self.on_read(cx, Reader { waiter, key }, out);
            }
        }
        if !matches!(self.role, Role::Leader(_)) {
            if self.leader.is_none() && cx.config().profile == Profile::Etcd {
                return self.keep_request(waiter, operation);
            }
            let answer = Answer::NotLeader(self.leader);
            return out.send(client, Message::ClientReply { seq, answer });
        }
        if self.is_handing_over() {
            // Its log must not grow away from the one who takes over; who leads next is open.
            let answer = Answer::NotLeader(None);
            return out.send(client, Message::ClientReply { seq, answer });
        }
        if let Some(answer) = self.machine.answered(session, seq)
            && !cx.mutant(NO_DEDUPE)
        {
            if cx.mutant(SILENT_DUPLICATE) {
                return;
            }
            // It was applied before: the answer got lost, or a copy of the question came late.
            let answer = answer.clone();
            out.announce(Fact::DuplicateAnswered { session, seq });
            return out.send(client, Message::ClientReply { seq, answer });
        }
        let is_same = |other: &Waiter| (other.session, other.seq) == (session, seq);
        if self.waiting.values().any(is_same) && !cx.mutant(NO_DEDUPE) {
            // It is in the log already; its answer will come.
            return;
        }
        let payload = Payload::Command { session, seq, operation };
        let term = self.durable.term;
        self.waiting.insert(self.durable.log.last_index() + 1, waiter);
        let value = payload.clone();
        self.append_own(cx, Entry::new(term, payload), out);
        let index = self.durable.log.last_index();
        out.announce(Fact::EntryAppended { index, term, value });
    }
}

impl Server {
    /// Nobody leads: a server of etcd lets its clients wait until somebody does.
    fn keep_request(&mut self, waiter: Waiter, operation: Operation) {
        // Of a client that asks again only the latest question counts.
        self.kept.retain(|(other, _)| other.session != waiter.session);
        self.kept.push((waiter, operation));
    }

    /// Somebody leads: those who waited for that are served, or told whom to ask.
    pub(super) fn serve_kept_requests(&mut self, cx: &mut Cx<'_>, out: &mut Out) {
        for (waiter, operation) in std::mem::take(&mut self.kept) {
            self.on_request(cx, waiter, operation, out);
        }
    }
}

/// True if a client wants no more than what the server it asks has.
fn is_serializable(cx: &Cx<'_>, client: NodeId) -> bool {
    matches!(&cx.cast().seat(client).role, RaftRole::Client(settings) if settings.serializable)
}
