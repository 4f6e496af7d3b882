//! The JSON Schema of scenario files, derived from the types that read them.

use std::borrow::Cow;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};
use sim_engine::{ChaosKind, Durable, Node, Protocol};

use crate::file::{Holds, PerMillion, ScenarioFile, Who};
use crate::registry;

/// What a protocol adds to the schema: the schema of one of its types.
pub(crate) type Describe = fn(&mut SchemaGenerator) -> Schema;

/// What a protocol adds to the schema.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Words {
    /// The settings of a system.
    pub(crate) config: Describe,
    /// What a seat is.
    pub(crate) role: Describe,
    /// What is on a disk at the start.
    pub(crate) durable: Describe,
    /// What an administrator may ask for.
    pub(crate) admin: Describe,
}

impl Words {
    /// The types of a protocol.
    pub(crate) const fn of<P: Protocol>() -> Self
    where
        <P::Node as Node>::Config: JsonSchema,
        <P::Node as Node>::Role: JsonSchema,
        <P::Node as Node>::Admin: JsonSchema,
        <<P::Node as Node>::Durable as Durable>::Initial: JsonSchema,
    {
        Self {
            config: SchemaGenerator::subschema_for::<<P::Node as Node>::Config>,
            role: SchemaGenerator::subschema_for::<<P::Node as Node>::Role>,
            durable: SchemaGenerator::subschema_for::<
                <<P::Node as Node>::Durable as Durable>::Initial,
            >,
            admin: SchemaGenerator::subschema_for::<<P::Node as Node>::Admin>,
        }
    }
}

/// The schema of scenario files, as text.
pub fn schema() -> String {
    let mut generator = SchemaSettings::draft2020_12().into_generator();
    let settings: Vec<Value> = described()
        .map(|(protocol, words)| {
            json!({
                "if": { "properties": { "protocol": { "const": protocol } } },
                "then": { "properties": { "config": (words.config)(&mut generator) } }
            })
        })
        .collect();
    let mut schema = generator.into_root_schema_for::<ScenarioFile>();
    if let Some(system) = schema.pointer_mut("/$defs/SystemFile").and_then(Value::as_object_mut) {
        system.insert("allOf".to_owned(), settings.into());
    }
    // Maps with strings as keys can always be written.
    let text = serde_json::to_string_pretty(&schema).unwrap_or_default();
    format!("{text}\n")
}

/// The protocols that say how their part of a file looks.
fn described() -> impl Iterator<Item = (&'static str, Words)> {
    registry::ALL.iter().filter_map(|entry| Some((entry.name, entry.words?)))
}

/// One branch for each protocol; anything if there is one that does not say.
fn branches(generator: &mut SchemaGenerator, part: fn(&Words) -> Describe) -> Schema {
    let branches: Vec<Schema> =
        described().map(|(_, words)| part(&words)(&mut *generator)).collect();
    if branches.len() < registry::ALL.len() {
        return json_schema!(true);
    }
    json_schema!({ "anyOf": branches })
}

/// What a seat is.
pub(crate) fn role(generator: &mut SchemaGenerator) -> Schema {
    branches(generator, |words| words.role)
}

/// What is on a disk at the start.
pub(crate) fn durable(generator: &mut SchemaGenerator) -> Schema {
    branches(generator, |words| words.durable)
}

/// What an administrator asks for.
pub(crate) fn admin(generator: &mut SchemaGenerator) -> Schema {
    branches(generator, |words| words.admin)
}

impl JsonSchema for PerMillion {
    fn schema_name() -> Cow<'static, str> {
        "Rate".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A rate from `0%` to `100%`, with at most four decimals: `0.05%`.",
            "type": "string",
            "pattern": r"^0*(100(\.0{1,4})?|[0-9]{1,2}(\.[0-9]{1,4})?)\s*%$"
        })
    }
}

impl JsonSchema for Who {
    fn schema_name() -> Cow<'static, str> {
        "Who".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "One selector or several: `leader`, `a follower`, `[\"n1\", \"n2\"]`.",
            "type": ["string", "array"],
            "items": { "type": "string" }
        })
    }
}

impl JsonSchema for Holds {
    fn schema_name() -> Cow<'static, str> {
        "Holds".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "`all`, or the promises that must hold and be put to the test.",
            "anyOf": [
                { "const": "all" },
                { "type": "array", "items": { "type": "string" } }
            ]
        })
    }
}

/// Where `node` stands, `nodes` may stand instead.
pub(crate) fn or_nodes(schema: &mut Schema) {
    let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) else {
        return;
    };
    if let Some(node) = properties.get("node").cloned() {
        properties.insert("nodes".to_owned(), node);
    }
    if let Some(required) = schema.get_mut("required").and_then(Value::as_array_mut) {
        required.retain(|name| name != "node");
        if required.is_empty() {
            schema.remove("required");
        }
    }
    let either = json!([{ "required": ["node"] }, { "required": ["nodes"] }]);
    schema.insert("oneOf".to_owned(), either);
}

/// Any kind of random fault.
pub(crate) fn chaos_kinds(_: &mut SchemaGenerator) -> Schema {
    let names = ChaosKind::ALL.map(ChaosKind::name);
    json_schema!({ "type": "array", "items": { "enum": names.to_vec() } })
}

/// Any protocol.
pub(crate) fn protocol(_: &mut SchemaGenerator) -> Schema {
    let names: Vec<&str> = registry::ALL.iter().map(|entry| entry.name).collect();
    json_schema!({ "enum": names })
}
