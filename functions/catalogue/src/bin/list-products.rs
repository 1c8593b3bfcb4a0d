//! The Lambda function `list-products`.

fn main() -> Result<(), edge::Error> {
    edge::serve(catalogue::list_products)
}
