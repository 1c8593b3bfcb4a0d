//! The Lambda function `list-orders`.

fn main() -> Result<(), edge::Error> {
    edge::serve(orders::list_orders)
}
