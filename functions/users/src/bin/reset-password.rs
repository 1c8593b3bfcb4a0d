//! The Lambda function `reset-password`.

fn main() -> Result<(), edge::Error> {
    edge::serve(users::reset_password)
}
