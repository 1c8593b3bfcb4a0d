//! The Lambda function `refresh-session`.

fn main() -> Result<(), edge::Error> {
    edge::serve(users::refresh_session)
}
