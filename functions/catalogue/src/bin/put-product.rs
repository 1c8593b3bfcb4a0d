//! The Lambda function `put-product`.

fn main() -> Result<(), edge::Error> {
    edge::serve(catalogue::put_product)
}
