//! Writes the OpenAPI document, or says with `--check` that it is not what it ought to be. `cargo shop sync` calls it.

use std::{error::Error, process::ExitCode};

use local_shop::{Keys, Shop, Workspace};

fn main() -> ExitCode {
    let check = std::env::args()
        .skip(1)
        .any(|argument| argument == "--check");
    match run(check) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(check: bool) -> Result<ExitCode, Box<dyn Error>> {
    let root = Workspace::find(&std::env::current_dir()?)?.root;
    // Nothing in the document depends on the keys.
    let shop = Shop::load(&root.join("infra"), &Keys::generate()?.parameters("oxcart"))?;
    let text = openapi::printed(&openapi::document(&root, &shop)?);
    let file = root.join(openapi::FILE);
    if std::fs::read_to_string(&file).is_ok_and(|now| now == text) {
        return Ok(ExitCode::SUCCESS);
    }
    if check {
        eprintln!(
            "error: {} is not what the operations say; run `cargo shop sync`",
            openapi::FILE
        );
        return Ok(ExitCode::FAILURE);
    }
    std::fs::write(&file, text)?;
    println!("wrote {}", openapi::FILE);
    Ok(ExitCode::SUCCESS)
}
