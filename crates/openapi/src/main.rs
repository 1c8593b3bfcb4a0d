//! Writes the OpenAPI document and the schema of events, or says with `--check` that they are not what they ought to be.
//! `cargo shop sync` calls it.

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
    let mut code = ExitCode::SUCCESS;
    for (name, value) in [
        (openapi::FILE, openapi::document(&root, &shop)?),
        (openapi::event::FILE, openapi::event::schema()),
    ] {
        let (text, file) = (openapi::printed(&value), root.join(name));
        if std::fs::read_to_string(&file).is_ok_and(|now| now == text) {
            continue;
        }
        if check {
            eprintln!("error: {name} is not what the code says; run `cargo shop sync`");
            code = ExitCode::FAILURE;
            continue;
        }
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(&file, text)?;
        println!("wrote {name}");
    }
    Ok(code)
}
