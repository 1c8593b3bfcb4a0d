//! The Lambda function `register-user`.

fn main() -> Result<(), edge::Error> {
    edge::serve(users::register_user)
}
