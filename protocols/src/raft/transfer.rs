//! Leadership transfer (dissertation 3.10).

use sim_engine::NodeId;

use super::facts::Fact;
use super::message::Message;
use super::server::{Cx, Out, Role, Server};
use super::upkeep::{TransferPhase, Upkeep};
use super::{Alarm, ticks};

impl Server {
    /// Brings the target's log up to date, then tells it to stand. Until then no command is taken.
    pub(super) fn start_transfer(
        &mut self,
        cx: &mut Cx<'_>,
        target: NodeId,
        out: &mut Out,
    ) -> Result<(), &'static str> {
        if !matches!(self.role, Role::Leader(_)) {
            return Err("it does not lead");
        }
        if target == self.id {
            return Err("it leads already");
        }
        if !self.members.is_voter(target) {
            return Err("the target is no voter");
        }
        let term = self.durable.term;
        let Role::Leader(leadership) = &mut self.role else { return Ok(()) };
        leadership.transfer = Some((target, false));
        out.announce(Fact::Upkeep(Upkeep::Transfer {
            phase: TransferPhase::Start,
            peer: target,
            term,
        }));
        if ticks::are_counted(cx) {
            self.elapsed = 0;
        } else {
            out.set_timer(Alarm::Transfer, cx.config().election_timeout.min);
        }
        self.hand_over_if_ready(target, out);
        self.replicate(cx, out);
        Ok(())
    }

    /// Tells the target of a transfer to stand, once it has the whole log.
    pub(super) fn hand_over_if_ready(&mut self, peer: NodeId, out: &mut Out) {
        let (term, last) = (self.durable.term, self.durable.log.last_index());
        let Role::Leader(leadership) = &mut self.role else { return };
        let is_ready = leadership.transfer == Some((peer, false))
            && leadership.progress.iter().any(|other| other.peer == peer && other.matched == last);
        if is_ready {
            leadership.transfer = Some((peer, true));
            out.send_now(peer, Message::TimeoutNow { term });
        }
    }

    /// The target has not taken over in time: the leader goes on.
    pub(super) fn on_transfer_timeout(&mut self, out: &mut Out) {
        let term = self.durable.term;
        let Role::Leader(leadership) = &mut self.role else { return };
        if let Some((target, _)) = leadership.transfer.take() {
            out.announce(Fact::Upkeep(Upkeep::TransferAborted { to: target, term }));
        }
    }

    /// True while commands are not taken because leadership is being handed over.
    pub(super) fn is_handing_over(&self) -> bool {
        matches!(&self.role, Role::Leader(leadership) if leadership.transfer.is_some())
    }

    /// The leader hands over: stand at once, without asking first.
    pub(super) fn on_timeout_now(
        &mut self,
        cx: &mut Cx<'_>,
        from: NodeId,
        term: u64,
        out: &mut Out,
    ) {
        if term < self.durable.term {
            return;
        }
        if term > self.durable.term {
            self.meet_higher_term(cx, from, term, out);
        }
        if matches!(self.role, Role::Leader(_)) || !self.may_stand() {
            return;
        }
        out.announce(Fact::Upkeep(Upkeep::Transfer {
            phase: TransferPhase::TimeoutNow,
            peer: from,
            term,
        }));
        self.stand(cx, true, out);
    }
}
