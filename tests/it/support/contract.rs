//! The OpenAPI document, against which every answer in these tests is held.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, LazyLock, Mutex},
};

use jsonschema::Validator;
use serde_json::{Value, json};

use super::Answer;

static CONTRACT: LazyLock<Contract> = LazyLock::new(Contract::read);

/// The document's file.
pub fn document() -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../functions/contract/openapi.json");
    std::fs::read_to_string(file).unwrap()
}

struct Contract {
    document: Value,
    /// By the schema they are for, in JSON.
    validators: Mutex<BTreeMap<String, Arc<Validator>>>,
}

/// What was sent.
pub struct Sent<'a> {
    pub method: &'a str,
    pub path: &'a str,
    pub body: &'a [u8],
}

/// Fails unless the document allows this answer, and this request if it succeeded. What the document has no operation for,
/// and what the gateway answers by itself, is left alone.
#[track_caller]
pub fn hold(sent: &Sent, answer: &Answer) {
    let Err(wrong) = CONTRACT.check(sent, answer) else {
        return;
    };
    let Sent { method, path, .. } = sent;
    let Answer { status, text, .. } = answer;
    panic!(
        "{method} {path} is answered by {status} {text}\nbut the OpenAPI document says otherwise: {wrong}"
    );
}

/// Why the document does not allow this.
pub fn check(sent: &Sent, answer: &Answer) -> Result<(), String> {
    CONTRACT.check(sent, answer)
}

impl Contract {
    fn read() -> Self {
        let mut document: Value = serde_json::from_str(&document()).unwrap();
        // Clients must bear members that are new to them; these tests must not.
        close(&mut document["components"]["schemas"]);
        let validators = Mutex::default();
        Self {
            document,
            validators,
        }
    }

    fn check(&self, sent: &Sent, answer: &Answer) -> Result<(), String> {
        let Some(operation) = self.operation(sent.method, sent.path) else {
            return Ok(());
        };
        let is_the_gateways = answer.header("x-request-id").is_empty()
            && answer.json()["message"].is_string()
            && answer.status >= 400;
        if is_the_gateways {
            return Ok(());
        }
        let response = &operation["responses"][answer.status.to_string()];
        if response.is_null() {
            return Err(format!("there is no answer {}", answer.status));
        }
        self.check_headers(response, answer)?;
        self.check_answer(response, answer)?;
        let body = &operation["requestBody"]["content"]["application/json"]["schema"];
        if answer.status < 400 && !body.is_null() {
            let sent = serde_json::from_slice(sent.body).map_err(|error| error.to_string())?;
            self.validate(body, &sent)
                .map_err(|wrong| format!("the request is no good one: {wrong}"))?;
        }
        Ok(())
    }

    fn check_headers(&self, response: &Value, answer: &Answer) -> Result<(), String> {
        for (name, header) in response["headers"].as_object().into_iter().flatten() {
            let header = self.resolved(header);
            let value = answer.header(name);
            if value.is_empty() && header["required"] == json!(true) {
                return Err(format!("the header {name} is missing"));
            }
            let constant = &header["schema"]["const"];
            if !value.is_empty() && !constant.is_null() && constant != value {
                return Err(format!("the header {name} is {value}, not {constant}"));
            }
        }
        Ok(())
    }

    fn check_answer(&self, response: &Value, answer: &Answer) -> Result<(), String> {
        let kind = answer.header("content-type");
        match response["content"].as_object() {
            None if answer.text.is_empty() => Ok(()),
            None => Err("it has no body".to_owned()),
            Some(content) => match content.get(kind) {
                Some(media) => self.validate(&media["schema"], &answer.json()),
                None => Err(format!("its body is no {kind:?}")),
            },
        }
    }

    fn validate(&self, schema: &Value, value: &Value) -> Result<(), String> {
        let validator = self.validator(schema);
        let errors = validator.iter_errors(value);
        let errors: Vec<String> = errors
            .map(|error| format!("at {:?}: {error}", error.instance_path().to_string()))
            .collect();
        if errors.is_empty() {
            Ok(())
        } else {
            Err(errors.join("\n"))
        }
    }

    fn validator(&self, schema: &Value) -> Arc<Validator> {
        let mut validators = self.validators.lock().unwrap();
        let validator = validators.entry(schema.to_string()).or_insert_with(|| {
            let whole = json!({"allOf": [schema], "components": self.document["components"]});
            let options = jsonschema::options().should_validate_formats(true);
            Arc::new(options.build(&whole).unwrap())
        });
        validator.clone()
    }

    fn operation(&self, method: &str, path: &str) -> Option<&Value> {
        let paths = self.document["paths"].as_object().unwrap();
        let fits = |template: &str| {
            let (parts, templates) = (path.split('/'), template.split('/'));
            parts.clone().count() == templates.clone().count()
                && parts
                    .zip(templates)
                    .all(|(part, template)| template.starts_with('{') || part == template)
        };
        let (_, item) = paths.iter().find(|(template, _)| fits(template))?;
        item.get(method.to_lowercase())
    }

    fn resolved<'a>(&'a self, value: &'a Value) -> &'a Value {
        let reference = value["$ref"].as_str().and_then(|it| it.strip_prefix('#'));
        reference
            .and_then(|pointer| self.document.pointer(pointer))
            .unwrap_or(value)
    }
}

/// Allows no members that a schema doesn't name.
pub fn close(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            if members.get("properties").is_some_and(Value::is_object)
                && members.get("type") == Some(&json!("object"))
            {
                members.insert("additionalProperties".to_owned(), json!(false));
            }
            members.values_mut().for_each(close);
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}
