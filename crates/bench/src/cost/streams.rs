//! The streams of tables, brought to their functions as soon as something is in them.

use local_shop::{Pump, stream::Step};
use serde_json::Value;

use super::{error::CostError, functions::Functions};

/// A pump for each function that reads a stream.
pub struct Streams(Vec<(String, Pump)>);

impl Streams {
    /// All streams of a shop, from their beginning.
    pub fn of(functions: &Functions<'_>) -> Self {
        let shop = functions.shop;
        let mut pumps = Vec::new();
        for operation in shop.template.operations() {
            if let Some(source) = &operation.stream {
                let pump = Pump::new(&shop.dynamodb, source, None);
                pumps.push((operation.name.clone(), pump));
            }
        }
        Self(pumps)
    }

    /// Brings what is in the streams to the functions, and what these write, until there is nothing more.
    pub async fn drain(&mut self, functions: &Functions<'_>) -> Result<(), CostError> {
        let mut is_idle = false;
        while !is_idle {
            is_idle = true;
            for (name, pump) in &mut self.0 {
                let name = name.as_str();
                let function = async |event: Value| functions.deal(name, &event).await;
                match pump.step(function).await? {
                    Step::Idle => {}
                    Step::Delivered(_) => is_idle = false,
                    Step::Failed(reason) | Step::GivenUp { reason, .. } => {
                        return Err(CostError::NotDealtWith {
                            operation: name.to_owned(),
                            reason,
                        });
                    }
                }
            }
        }
        Ok(())
    }
}
