//! The client: one question at a time, asked again until there is an answer or no patience left.

use sim_engine::{Cast, Effects, Ending, NodeId, OpId, Reply, StepContext};

use super::{Command, EchoNode, Message, Role, Timer};

/// A client.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Client {
    /// Whom it asks: the first server of the cast.
    server: Option<NodeId>,
    /// The question that waits for its answer.
    open: Option<Question>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Question {
    op: OpId,
    value: i64,
    /// How often it was asked.
    tries: u32,
}

impl Client {
    pub(super) fn new(cast: &Cast<Role>) -> Self {
        let server = cast.iter().find(|(_, seat)| seat.role == Role::Server {}).map(|(id, _)| id);
        Self { server, open: None }
    }

    /// The value it asks for, while it waits.
    pub(super) fn open(&self) -> Option<i64> {
        self.open.as_ref().map(|question| question.value)
    }

    pub(super) fn on_command(
        &mut self,
        cx: &StepContext<'_, EchoNode>,
        op: OpId,
        command: &Command,
        effects: &mut Effects<EchoNode>,
    ) {
        assert!(self.open.is_none(), "a client asks one question at a time");
        let Command::Say(value) = command;
        self.open = Some(Question { op, value: *value, tries: 0 });
        self.ask(cx, effects);
    }

    pub(super) fn on_retry(
        &mut self,
        cx: &StepContext<'_, EchoNode>,
        effects: &mut Effects<EchoNode>,
    ) {
        self.ask(cx, effects);
    }

    /// Asks the open question once more, or gives up.
    fn ask(&mut self, cx: &StepContext<'_, EchoNode>, effects: &mut Effects<EchoNode>) {
        let Some(question) = &mut self.open else { return };
        let Some(server) = self.server else {
            effects.finish(question.op, Ending::Failed("there is no server"));
            self.open = None;
            return;
        };
        if question.tries == cx.config().tries_max {
            // The server may have answered, and only the answers were lost: nobody knows.
            effects.finish(question.op, Ending::Unknown("no answer"));
            self.open = None;
            return;
        }
        question.tries += 1;
        effects.send(server, Message::Ask { question: question.op.0, value: question.value });
        effects.set_timer(Timer::Retry, cx.config().retry);
    }

    pub(super) fn on_message(&mut self, message: &Message, effects: &mut Effects<EchoNode>) {
        match message {
            Message::Answer { question, value, .. } => self.on_answer(*question, *value, effects),
            // Clients are asked nothing.
            Message::Ask { .. } => {}
        }
    }

    fn on_answer(&mut self, question: u32, value: i64, effects: &mut Effects<EchoNode>) {
        // The answer may be a second one, or to a question that was given up.
        let Some(open) = self.open.take_if(|open| open.op.0 == question) else { return };
        effects.cancel_timer(Timer::Retry);
        effects.finish(open.op, Ending::Ok(Reply::Value(Some(value))));
    }
}
