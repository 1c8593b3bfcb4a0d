//! One conditional write to one item, as PutItem, UpdateItem or DeleteItem.

use aws_sdk_dynamodb::{
    Client,
    error::SdkError,
    operation::{
        delete_item::DeleteItemError, put_item::PutItemError, update_item::UpdateItemError,
    },
    types::{ReturnValue, ReturnValuesOnConditionCheckFailure},
};

use crate::{
    cancellation::{self, Reason, Setback},
    db::traced,
    error::{Because, Failure},
    item::Item,
    lost::Lost,
    service_error::Call,
    write::{What, Write},
};

/// The three requests have the same members under no common trait.
macro_rules! conditional {
    ($request:expr, $write:expr) => {
        $request
            .table_name(&$write.table)
            .set_condition_expression($write.condition())
            .set_expression_attribute_names($write.names())
            .set_expression_attribute_values($write.values())
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
    };
}

/// And the same error under three names.
macro_rules! setback {
    ($call:expr, $error:expr, $kind:ident) => {
        match $error {
            SdkError::ServiceError(service)
                if service.err().is_conditional_check_failed_exception() =>
            {
                let item = match service.into_err() {
                    $kind::ConditionalCheckFailedException(failed) => failed.item,
                    _ => None,
                };
                Setback::Refused(vec![Reason::ConditionFailed(item.map(Item::from))])
            }
            error => cancellation::of_write($call, error),
        }
    };
}

/// Sends the write once and gives the item as it is then, if it is an update.
pub(crate) async fn send(
    client: &Client,
    write: &Write,
    lost: Lost,
) -> Result<Option<Item>, Setback> {
    match &write.what {
        What::Put(item) => {
            let put = client.put_item().set_item(Some(item.clone().into()));
            let call = Call::of("PutItem", &write.table);
            let sent = traced(
                call.name,
                conditional!(put, write)
                    .customize()
                    .interceptor(lost)
                    .send(),
            )
            .await;
            sent.map(|_| None)
                .map_err(|error| setback!(call, error, PutItemError))
        }
        What::Update { key, .. } => {
            let update = client
                .update_item()
                .set_key(Some(key.clone().into()))
                .update_expression(write.update_expression())
                .return_values(ReturnValue::AllNew);
            let call = Call::of("UpdateItem", &write.table);
            let sent = traced(
                call.name,
                conditional!(update, write)
                    .customize()
                    .interceptor(lost)
                    .send(),
            )
            .await;
            sent.map(|answer| answer.attributes.map(Item::from))
                .map_err(|error| setback!(call, error, UpdateItemError))
        }
        What::Check(_) => {
            let alone = Because("a check is written alone, which only a transaction can");
            Err(Setback::Failed(Failure::Rejected(Box::new(alone))))
        }
        What::Delete(key) => {
            let delete = client.delete_item().set_key(Some(key.clone().into()));
            let call = Call::of("DeleteItem", &write.table);
            let sent = traced(
                call.name,
                conditional!(delete, write)
                    .customize()
                    .interceptor(lost)
                    .send(),
            )
            .await;
            sent.map(|_| None)
                .map_err(|error| setback!(call, error, DeleteItemError))
        }
    }
}
