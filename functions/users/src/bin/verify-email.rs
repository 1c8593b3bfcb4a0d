//! The Lambda function `verify-email`.

fn main() -> Result<(), edge::Error> {
    edge::serve(users::verify_email)
}
