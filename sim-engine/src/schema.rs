//! JSON Schemas of the values that have a form of their own in files.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::faults::Shift;
use crate::{Duration, Key, Never};

impl JsonSchema for Duration {
    fn schema_name() -> Cow<'static, str> {
        "Duration".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A length of simulated time: `150ms`, `10us`, `2s`, `500ns`.",
            "type": "string",
            "pattern": r"^\+?[0-9]+(ns|us|ms|s)$"
        })
    }
}

impl JsonSchema for Shift {
    fn schema_name() -> Cow<'static, str> {
        "Shift".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "How far a clock is moved: `+200ms`, `-3s`.",
            "type": "string",
            "pattern": r"^[+-]\+?[0-9]+(ns|us|ms|s)$"
        })
    }
}

impl JsonSchema for Key {
    fn schema_name() -> Cow<'static, str> {
        "Key".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "The name of a register, lock or account: 1 to 15 bytes.",
            "type": "string",
            "minLength": 1,
            "maxLength": 15
        })
    }
}

impl JsonSchema for Never {
    fn schema_name() -> Cow<'static, str> {
        "Never".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!(false)
    }
}
