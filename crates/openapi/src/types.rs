//! The types of operations, and their schemas.

use std::any::TypeId;

use edge::{Problem, Request, Response};
use schemars::{
    JsonSchema, SchemaGenerator,
    generate::{Contract, SchemaSettings},
};
use serde_json::{Map, Value, json};

/// The schemas of everything that is answered, by name, and of what is sent, each where it is sent.
pub(crate) struct Schemas {
    answers: SchemaGenerator,
    bodies: SchemaGenerator,
}

/// The schemas of one operation.
pub(crate) struct Types {
    /// Of its body, if it takes one.
    pub body: Option<Value>,
    /// Of what it answers when it succeeds, if that is anything.
    pub answer: Option<Value>,
    /// Whether that is a part of a list.
    pub is_list: bool,
}

impl Default for Schemas {
    fn default() -> Self {
        let settings = SchemaSettings::draft2020_12().with(|settings| {
            settings.definitions_path = "/components/schemas".into();
            settings.meta_schema = None;
            settings.contract = Contract::Serialize;
        });
        // A type that is sent and answered may differ in what it requires, so only one of the two has the name.
        let inline = settings.clone().with(|settings| {
            settings.inline_subschemas = true;
            settings.contract = Contract::Deserialize;
        });
        Self {
            answers: settings.into_generator(),
            bodies: inline.into_generator(),
        }
    }
}

impl Schemas {
    /// The types of this operation. Its signature names them.
    pub fn types<S, B, T, O>(&mut self, _: O) -> Types
    where
        O: AsyncFn(&S, Request<B>) -> Result<Response<T>, Problem>,
        B: JsonSchema + 'static,
        T: JsonSchema + 'static,
    {
        let body = is_something::<B>().then(|| self.body::<B>());
        let answer = is_something::<T>().then(|| self.answered::<T>());
        let whole = T::json_schema(&mut SchemaGenerator::default());
        let is_list = whole.pointer("/properties/next_cursor").is_some();
        Types {
            body,
            answer,
            is_list,
        }
    }

    /// A schema that refers to that of `T`, or is it if it is short.
    pub fn answered<T: JsonSchema>(&mut self) -> Value {
        as_object(self.answers.subschema_for::<T>().to_value())
    }

    /// Adds a schema that no type of ours has.
    pub fn add(&mut self, name: String, schema: Value) {
        self.answers.definitions_mut().insert(name, schema);
    }

    /// All of them by name.
    pub fn components(mut self) -> Map<String, Value> {
        let mut components = self.answers.take_definitions(true);
        components.values_mut().for_each(list_words);
        components
    }

    fn body<T: JsonSchema>(&mut self) -> Value {
        let mut schema = self.bodies.subschema_for::<T>().to_value();
        if let Some(schema) = schema.as_object_mut() {
            schema.remove("title");
        }
        list_words(&mut schema);
        schema
    }
}

/// Whatever JSON there is, as generators of clients read it: they want an object for a schema.
fn as_object(schema: Value) -> Value {
    match schema {
        Value::Bool(true) => json!({"type": "object"}),
        other => other,
    }
}

/// Makes the words of each enumeration in a schema a list. As alternatives, each with its own description, which is how they
/// are derived, generators of clients take them for types of their own.
pub(crate) fn list_words(schema: &mut Value) {
    if let Some(list) = enumeration(schema) {
        *schema = list;
    }
    match schema {
        Value::Object(members) => members.values_mut().for_each(list_words),
        Value::Array(elements) => elements.iter_mut().for_each(list_words),
        _ => {}
    }
}

fn enumeration(schema: &Value) -> Option<Value> {
    let alternatives = schema.get("oneOf")?.as_array()?;
    let words = alternatives.iter().map(|it| it["const"].as_str());
    let words: Vec<&str> = words.collect::<Option<_>>()?;
    let meanings = words.iter().zip(alternatives).filter_map(|(word, it)| {
        let meaning = it["description"].as_str()?;
        Some(format!("`{word}`: {meaning}"))
    });
    let about = schema["description"].as_str().map(str::to_owned);
    let about: Vec<String> = about.into_iter().chain(meanings).collect();
    Some(json!({"type": "string", "enum": words, "description": about.join("\n")}))
}

fn is_something<T: 'static>() -> bool {
    TypeId::of::<T>() != TypeId::of::<()>()
}
