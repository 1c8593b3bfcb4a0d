//! The Lambda function `get-order`.

fn main() -> Result<(), edge::Error> {
    edge::serve(orders::get_order)
}
