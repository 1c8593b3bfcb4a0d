//! The Lambda function `get-openapi`.

fn main() -> Result<(), edge::Error> {
    edge::serve(contract::get_openapi)
}
