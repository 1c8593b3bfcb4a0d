//! The Lambda function `pay-order`.

fn main() -> Result<(), edge::Error> {
    edge::serve(orders::pay_order)
}
