//! The Lambda function `change-password`.

fn main() -> Result<(), edge::Error> {
    edge::serve(users::change_password)
}
