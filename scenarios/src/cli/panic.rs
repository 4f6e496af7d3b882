//! A panic is a bug of ours: it says how to repeat it and asks for a report.

use std::io::Write;
use std::sync::Mutex;

/// The run that is going on, as a command that repeats it.
static RUNNING: Mutex<Option<String>> = Mutex::new(None);

/// From now on a panic names `command`.
pub(super) fn now_running(command: String) {
    if let Ok(mut running) = RUNNING.lock() {
        *running = Some(command);
    }
    std::panic::set_hook(Box::new(|panic| {
        let mut notes = anstream::stderr().lock();
        let _ignored =
            writeln!(notes, "{panic}\n\nthis is a bug of Partitura, not of your scenario");
        if let Ok(running) = RUNNING.try_lock()
            && let Some(command) = running.as_ref()
        {
            let _ignored = writeln!(notes, "hint: please report it with `{command}`");
        }
    }));
}
