//! The Lambda function `publish-order-events`.

fn main() -> Result<(), edge::Error> {
    edge::serve_events(orders::publish_order_events)
}
