//! The Lambda function `get-profile`.

fn main() -> Result<(), edge::Error> {
    edge::serve(users::get_profile)
}
