//! The Lambda function `settle-orders`.

fn main() -> Result<(), edge::Error> {
    edge::serve_events(orders::settle_orders)
}
