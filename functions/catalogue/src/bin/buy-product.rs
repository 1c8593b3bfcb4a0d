//! The Lambda function `buy-product`.

fn main() -> Result<(), edge::Error> {
    edge::serve(catalogue::buy_product)
}
