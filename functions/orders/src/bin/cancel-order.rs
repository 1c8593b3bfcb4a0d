//! The Lambda function `cancel-order`.

fn main() -> Result<(), edge::Error> {
    edge::serve(orders::cancel_order)
}
