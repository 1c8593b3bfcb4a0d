//! The Lambda function `get-jwks`.

fn main() -> Result<(), edge::Error> {
    edge::serve(users::get_jwks)
}
