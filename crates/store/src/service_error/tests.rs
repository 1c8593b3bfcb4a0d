//! What is kept of an error, and what is not.

use aws_sdk_dynamodb::{
    config::http::HttpResponse,
    error::{ConnectorError, ErrorMetadata},
    operation::{
        query::QueryError, transact_write_items::TransactWriteItemsError,
        update_item::UpdateItemError,
    },
    types::CancellationReason,
};

use super::*;

const QUERY: Call<'static> = Call {
    name: "Query",
    table: Some("orders"),
    index: Some("by-owner"),
};

fn response() -> HttpResponse {
    let mut response = HttpResponse::new(400_u16.try_into().unwrap(), "hunter2".into());
    response.headers_mut().insert("x-amzn-requestid", "R1");
    response
}

/// An error's code and message, as the SDK reads them.
fn said(kind: &str) -> ErrorMetadata {
    ErrorMetadata::builder()
        .code(kind)
        .message("Value 'hunter2' is not good")
        .build()
}

fn kept<E>(call: Call<'_>, error: E) -> String
where
    E: Error + ProvideErrorMetadata + Send + Sync + 'static,
{
    let cause = cause(call, SdkError::service_error(error, response()));
    assert!(cause.source().is_none());
    cause.to_string()
}

#[test]
fn what_may_quote_the_request_is_not_kept() {
    assert_eq!(
        kept(QUERY, QueryError::generic(said("ValidationException"))),
        "DynamoDB answers 400 ValidationException to Query of orders/by-owner, request R1"
    );
}

#[test]
fn what_speaks_of_roles_and_tables_is_kept_whole() {
    assert_eq!(
        kept(QUERY, QueryError::generic(said("AccessDeniedException"))),
        "DynamoDB answers 400 AccessDeniedException to Query of orders/by-owner, request R1: \
         Value 'hunter2' is not good"
    );
}

#[test]
fn what_can_be_mended_is_told_from_the_rest() {
    let cause_of = |kind: &str| {
        let error = QueryError::generic(said(kind));
        cause(QUERY, SdkError::service_error(error, response()))
    };
    for (kind, expected) in [
        (NO_TABLE, Some(Obstacle::NoTable("orders"))),
        ("AccessDeniedException", Some(Obstacle::NotAllowed)),
        ("ExpiredTokenException", Some(Obstacle::Expired)),
        ("UnrecognizedClientException", Some(Obstacle::Unknown)),
        ("InvalidSignatureException", Some(Obstacle::Unknown)),
        ("ValidationException", None),
    ] {
        assert_eq!(obstacle(&cause_of(kind)), expected, "{kind}");
    }
}

#[test]
fn a_store_that_is_not_reached_is_told_from_one_that_is_slow() {
    let dispatch = SdkError::<QueryError>::dispatch_failure;
    for (error, expected) in [
        (
            dispatch(ConnectorError::io("no such name".into())),
            Some(Obstacle::Unreached),
        ),
        (
            dispatch(ConnectorError::timeout("no connection".into())),
            Some(Obstacle::Unreached),
        ),
        (
            dispatch(ConnectorError::other("not HTTP".into(), None)),
            None,
        ),
        (SdkError::timeout_error("too late"), None),
    ] {
        let told = format!("{error:?}");
        assert_eq!(obstacle(&cause(QUERY, error)), expected, "{told}");
    }
}

#[test]
fn a_cancelled_transaction_tells_why_of_each_write() {
    let reasons = ["None", "ConditionalCheckFailed"]
        .map(|code| CancellationReason::builder().code(code).message("hunter2"));
    let exception = TransactionCanceledException::builder()
        .set_cancellation_reasons(Some(reasons.map(|reason| reason.build()).to_vec()))
        .meta(said("TransactionCanceledException"))
        .build();
    assert_eq!(
        kept(
            Call::named("TransactWriteItems"),
            TransactWriteItemsError::TransactionCanceledException(exception)
        ),
        "DynamoDB answers 400 TransactionCanceledException [None, ConditionalCheckFailed] to TransactWriteItems, \
         request R1"
    );
}

#[test]
fn throttling_tells_which_limit_was_met_and_of_what() {
    let limit = "TableWriteKeyRangeThroughputExceeded";
    let arn = "arn:aws:dynamodb:us-east-1:1:table/orders";
    let reason = ThrottlingReason::builder().reason(limit).resource(arn);
    let reason = || Some(vec![reason.clone().build()]);
    let throttled = ThrottlingException::builder()
        .set_throttling_reasons(reason())
        .meta(said("ThrottlingException"))
        .build();
    let exceeded = ProvisionedThroughputExceededException::builder()
        .set_throttling_reasons(reason())
        .meta(said("ProvisionedThroughputExceededException"))
        .build();
    let limited = RequestLimitExceeded::builder()
        .set_throttling_reasons(reason())
        .meta(said("RequestLimitExceeded"))
        .build();
    for (kind, error) in [
        (
            "ThrottlingException",
            UpdateItemError::ThrottlingException(throttled),
        ),
        (
            "ProvisionedThroughputExceededException",
            UpdateItemError::ProvisionedThroughputExceededException(exceeded),
        ),
        (
            "RequestLimitExceeded",
            UpdateItemError::RequestLimitExceeded(limited),
        ),
    ] {
        assert_eq!(
            kept(Call::of("UpdateItem", "orders"), error),
            format!(
                "DynamoDB answers 400 {kind} [{limit} of {arn}] to UpdateItem of orders, request R1"
            )
        );
    }
}

#[test]
fn a_call_without_an_answer_is_named_as_well() {
    let error: SdkError<QueryError> = SdkError::timeout_error("too late");
    let cause = cause(QUERY, error);
    assert_eq!(
        cause.to_string(),
        "Query of orders/by-owner has no answer that can be read"
    );
    assert!(cause.source().is_some());
    let error: SdkError<QueryError> = SdkError::response_error("not JSON", response());
    assert_eq!(
        super::cause(QUERY, error).to_string(),
        "Query of orders/by-owner has no answer that can be read, request R1"
    );
}
