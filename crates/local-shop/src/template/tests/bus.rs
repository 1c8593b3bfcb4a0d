//! What the parameter EventBus changes, and what brings events then.

use super::{infra, on_eventbridge, shop};
use crate::template::Shop;

#[test]
fn the_bus_decides_what_brings_events_to_whoever_listens() {
    let listens = |shop: &Shop| {
        let listener = shop.operation("send-order-mail").unwrap();
        let (stream, queue) = (listener.stream.as_ref(), listener.queue.as_ref());
        [
            stream.map(|source| source.table.clone()),
            queue.map(|queue| queue.name.clone()),
        ]
    };
    let built_in = shop();
    let stream = Some("a-Shop-bus".to_owned());
    assert_eq!(listens(&built_in), [stream, None]);
    let bus = built_in.table("BusTable").unwrap();
    assert_eq!(bus.stream.as_deref(), Some("NEW_IMAGE"));

    let shop = Shop::load(&infra(), &on_eventbridge()).unwrap();
    let queue = Some("a-Shop-order-mail".to_owned());
    assert_eq!(listens(&shop), [None, queue]);
    assert!(shop.table("BusTable").is_none());
    let publish = shop.operation("publish-order-events").unwrap();
    assert!(!publish.environment.contains_key("BUS_TABLE"));
    assert_eq!(publish.environment["EVENT_BUS_NAME"], "a-Shop");
    assert_eq!(publish.policy.grants().count(), 0);
}
