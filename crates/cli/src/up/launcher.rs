//! A stand-in for Cargo that `cargo lambda watch` gets: it starts a function's executable at once.
//!
//! For every instance, `cargo lambda watch` runs `cargo run --bin <function>`. Cargo then looks at every file again and
//! waits for its lock, which made most of the time that 19 functions with 4 instances each took to start. `cargo shop
//! up` has just built them all and ignores later changes, so there is nothing to look at.

use std::path::{Path, PathBuf};

use local_shop::Functions;

use crate::{error::Failure, project::Project};

/// Writes the stand-in, for the variable `CARGO`.
pub fn write(project: &Project, functions: &Functions) -> Result<PathBuf, Failure> {
    let file = project.state("tools/cargo");
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let text = script(functions.executables(), &cargo);
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder).map_err(Failure::at(folder))?;
    }
    std::fs::write(&file, text).map_err(Failure::at(&file))?;
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&file, mode).map_err(Failure::at(&file))?;
    Ok(file)
}

fn script<'f>(executables: impl Iterator<Item = (&'f str, &'f Path)>, cargo: &str) -> String {
    let mut script = String::from(
        "#!/bin/sh\n# Written by `cargo shop up`: starts functions that are built, and is Cargo otherwise.\n\
         case \" $* \" in\n",
    );
    for (name, executable) in executables {
        let executable = quoted(&executable.to_string_lossy());
        script.push_str(&format!("*' --bin {name} '*) exec {executable} ;;\n"));
    }
    // What is no function, this command itself for one, is none that a request may start.
    script += "*' --bin '*) echo 'no function of this shop' >&2; exit 1 ;;\n";
    script + "esac\nexec " + &quoted(cargo) + " \"$@\"\n"
}

/// As one word of a shell.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_start_and_the_rest_is_cargos() {
        let functions = [("get-it", Path::new("/bin/echo"))];
        let script = script(functions.into_iter(), "/bin/expr");
        let run = |arguments: &[&str]| {
            let shell = std::process::Command::new("sh")
                .args(["-c", &script, "cargo"])
                .args(arguments)
                .output();
            String::from_utf8(shell.unwrap().stdout).unwrap()
        };
        assert_eq!(run(&["run", "--color", "auto", "--bin", "get-it"]), "\n");
        assert_eq!(run(&["run", "--bin", "cli"]), "");
        assert_eq!(run(&["1", "+", "1"]), "2\n");
        assert_eq!(quoted("it's"), r"'it'\''s'");
    }
}
