//! Records of tables' streams, brought to their functions by hand.

use std::{cell::RefCell, convert::Infallible};

use local_shop::Pump;
use serde_json::{Value, json};

use super::TestShop;

impl TestShop {
    /// The records of a stream that are meant for this function, from the beginning.
    pub async fn records_for(&self, function: &str) -> Vec<Value> {
        let operation = self.template.operation(function).unwrap();
        let mut pump = Pump::new(&self.dynamodb, operation.stream.as_ref().unwrap(), None);
        let records = RefCell::new(Vec::new());
        let keep = async |event: Value| {
            let mut event = event;
            let batch = event["Records"].as_array_mut().unwrap();
            records.borrow_mut().append(batch);
            Ok::<_, Infallible>(json!({"batchItemFailures": []}))
        };
        pump.drain(keep).await.unwrap();
        records.into_inner()
    }

    /// What this function answers to a batch of these records.
    pub async fn bring(&self, function: &str, records: &[&Value]) -> Value {
        let event = json!({"Records": records});
        self.lambda.invoke(function, event).await.unwrap()
    }
}
