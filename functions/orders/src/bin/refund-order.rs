//! The Lambda function `refund-order`.

fn main() -> Result<(), edge::Error> {
    edge::serve(orders::refund_order)
}
