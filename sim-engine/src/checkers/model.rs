//! The models: what each kind of system promises to behave like, one operation after another.

use super::history::Call;

/// What a system behaves like when it is asked one thing at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Model {
    /// A value that can be read and written.
    Register,
    /// A register with compare-and-set.
    CasRegister,
    /// A text that can be read, replaced and added to; empty at first.
    Kv,
    /// Elements that can be put in, taken out and looked for.
    Set,
    /// First in, first out.
    Queue,
    /// At most one process holds it.
    Lock,
    /// A list that only grows.
    Log,
    /// A number that can be added to; 0 at first.
    Counter,
    /// Accounts between which money moves; no transfer may leave one below zero. What an account
    /// held at first is unknown until it is read, or an answer tells it.
    Bank,
    /// The engine's whole vocabulary of client operations on one store: a key is a register, and a
    /// list once something was appended, and a lock.
    Store,
}

impl Model {
    /// Every model.
    pub const ALL: [Self; 10] = [
        Self::Register,
        Self::CasRegister,
        Self::Kv,
        Self::Set,
        Self::Queue,
        Self::Lock,
        Self::Log,
        Self::Counter,
        Self::Bank,
        Self::Store,
    ];

    /// Its name: `cas-register`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::CasRegister => "cas-register",
            Self::Kv => "kv",
            Self::Set => "set",
            Self::Queue => "queue",
            Self::Lock => "lock",
            Self::Log => "log",
            Self::Counter => "counter",
            Self::Bank => "bank",
            Self::Store => "store",
        }
    }

    /// The model with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|model| model.name() == name)
    }

    /// The names of the operations it knows.
    pub const fn calls(self) -> &'static [&'static str] {
        match self {
            Self::Register => &["read", "write"],
            Self::CasRegister => &["read", "write", "cas"],
            Self::Kv => &["read", "write", "append"],
            Self::Set => &["read", "insert", "remove", "contains"],
            Self::Queue => &["enqueue", "dequeue"],
            Self::Lock => &["acquire", "release"],
            Self::Log => &["read", "append"],
            Self::Counter => &["read", "add"],
            Self::Bank => &["read", "write", "cas", "add", "transfer"],
            Self::Store => {
                &["read", "write", "cas", "append", "add", "acquire", "release", "transfer"]
            }
        }
    }

    /// True if it knows what `call` means.
    pub fn serves(self, call: Call) -> bool {
        self.calls().contains(&call.name())
    }
}
