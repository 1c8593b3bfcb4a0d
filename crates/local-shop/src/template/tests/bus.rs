//! What the parameter EventBus changes, and the rule that brings events.

use super::{changed_infra, infra, parameters, shop};
use crate::template::Shop;

#[test]
fn the_bus_decides_what_brings_events_to_whoever_listens() {
    let listens = |shop: &Shop| {
        let listener = shop.operation("send-order-mail").unwrap();
        let stream = listener.stream.as_ref();
        (stream.map(|source| source.table.clone()), listener.by_rule)
    };
    let built_in = shop();
    let stream = Some("a-Shop-bus".to_owned());
    assert_eq!(listens(&built_in), (stream, false));
    let bus = built_in.table("BusTable").unwrap();
    assert_eq!(bus.stream.as_deref(), Some("NEW_IMAGE"));

    let mut parameters = parameters();
    parameters.insert("EventBus".into(), "eventbridge".into());
    let shop = Shop::load(&infra(), &parameters).unwrap();
    assert_eq!(listens(&shop), (None, true));
    assert!(shop.table("BusTable").is_none());
    let publish = shop.operation("publish-order-events").unwrap();
    assert!(!publish.environment.contains_key("BUS_TABLE"));
    assert_eq!(publish.environment["EVENT_BUS_NAME"], "a-Shop");
    assert_eq!(publish.policy.grants().count(), 0);
}

#[test]
fn a_rule_that_may_not_invoke_its_function_is_an_error_with_file_and_line() {
    let mut parameters = parameters();
    parameters.insert("EventBus".into(), "eventbridge".into());
    for (written, changed) in [
        (
            "SourceArn: !GetAtt SendOrderMailRule.Arn",
            "SourceArn: !GetAtt Other.Arn",
        ),
        (
            "Principal: events.amazonaws.com",
            "Principal: sns.amazonaws.com",
        ),
    ] {
        let folder = changed_infra(written, changed);
        let error = Shop::load(folder.path(), &parameters).unwrap_err();
        let error = error.to_string();
        let expected = "SendOrderMailRule has no permission to invoke SendOrderMail";
        assert!(error.contains(expected), "{error}");
        assert!(error.contains("orders.yaml:"), "{error}");
    }
}
