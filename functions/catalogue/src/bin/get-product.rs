//! The Lambda function `get-product`.

fn main() -> Result<(), edge::Error> {
    edge::serve(catalogue::get_product)
}
