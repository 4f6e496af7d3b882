//! The settings of a protocol that are the options of the recorded system.

use serde_json::{Map, Value, json};
use sim_engine::Scale;

use super::recording::Recording;
use super::scene::read;
use crate::path::Path;
use crate::problem::Complaint;

pub(super) fn settings(recording: &Recording) -> Result<Value, Complaint> {
    let mut config = Map::new();
    for (setting, value) in recording.table.settings {
        config.insert((*setting).to_owned(), read(value));
    }
    for option in recording.table.options {
        let Some(value) = recording.file.config.get(option.option) else { continue };
        let path = Path::root().key("config").key(option.option);
        let value = match option.scale {
            Scale::Same => value.clone(),
            Scale::Millis { percent } => {
                let millis = value.as_u64().filter(|millis| (1..=3_600_000).contains(millis));
                let what = "this must be a whole number of milliseconds, at most an hour";
                let millis = millis.ok_or_else(|| Complaint::new(&path, what))?;
                json!(format!("{}us", millis * 10 * percent))
            }
        };
        match option.setting.split_once('.') {
            None => {
                config.insert(option.setting.to_owned(), value);
            }
            Some((outer, inner)) => {
                let place = config.entry(outer).or_insert_with(|| json!({}));
                place[inner] = value;
            }
        }
    }
    Ok(Value::Object(config))
}
