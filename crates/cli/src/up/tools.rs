//! cargo-lambda: the one in `.shop/tools`, the one on the path, or a new one in `.shop/tools`.

use std::path::{Path, PathBuf};

use tokio::process::Command;

use super::step;
use crate::{error::Failure, project::Project};

/// The first version whose `watch` runs several instances of a function.
const LEAST: (u32, u32) = (1, 9);

/// A way to get it into a folder.
struct Way {
    name: &'static str,
    commands: Vec<Vec<String>>,
    /// Where the executable is afterwards, inside the folder.
    executable: &'static str,
}

/// The executable `cargo-lambda`, fetched if need be.
pub async fn cargo_lambda(project: &Project) -> Result<PathBuf, Failure> {
    let tools = project.state("tools");
    let own = [
        "venv/bin/cargo-lambda",
        "python/bin/cargo-lambda",
        "bin/cargo-lambda",
    ];
    let own = own.map(|executable| tools.join(executable));
    for candidate in own.into_iter().chain([PathBuf::from("cargo-lambda")]) {
        if version(&candidate)
            .await
            .is_some_and(|version| version >= LEAST)
        {
            return Ok(candidate);
        }
    }
    let shown = tools
        .strip_prefix(&project.workspace.root)
        .unwrap_or(&tools)
        .display();
    step(&format!(
        "Fetching cargo-lambda into {shown}, since no cargo-lambda 1.9 or newer is here"
    ));
    let mut reasons = Vec::new();
    for way in ways(&tools) {
        match follow(&way).await {
            Ok(()) => {
                let executable = tools.join(way.executable);
                if version(&executable)
                    .await
                    .is_some_and(|version| version >= LEAST)
                {
                    return Ok(executable);
                }
                reasons.push(format!("{}: what it brought does not run", way.name));
            }
            Err(reason) => reasons.push(format!("{}: {reason}", way.name)),
        }
        if let Some(reason) = reasons.last() {
            eprintln!("  {reason}");
        }
    }
    Err(Failure::NoCargoLambda {
        reasons: reasons.join("; "),
    })
}

/// From the quickest to the slowest. `--no-deps` leaves out the zig compiler, over 400 MB that only cross-building
/// needs.
fn ways(tools: &Path) -> Vec<Way> {
    let path = |name: &str| tools.join(name).to_string_lossy().into_owned();
    let words = |words: &[&str]| {
        words
            .iter()
            .map(|word| (*word).to_owned())
            .collect::<Vec<_>>()
    };
    let pip = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-deps",
    ];
    let pip = |python: &str, more: &[&str]| words(&[&[python], &pip[..], more].concat());
    vec![
        Way {
            name: "python3 -m venv",
            commands: vec![
                words(&["python3", "-m", "venv", "--clear", &path("venv")]),
                pip(&path("venv/bin/python"), &["cargo-lambda"]),
            ],
            executable: "venv/bin/cargo-lambda",
        },
        Way {
            name: "pip install --target",
            commands: vec![pip(
                "python3",
                &["--target", &path("python"), "cargo-lambda"],
            )],
            executable: "python/bin/cargo-lambda",
        },
        Way {
            name: "cargo install (some minutes)",
            commands: vec![words(&[
                "cargo",
                "install",
                "cargo-lambda",
                "--locked",
                "--quiet",
                "--root",
                &path(""),
            ])],
            executable: "bin/cargo-lambda",
        },
    ]
}

async fn follow(way: &Way) -> Result<(), String> {
    eprintln!("  {} …", way.name);
    for command in &way.commands {
        let Some((program, arguments)) = command.split_first() else {
            continue;
        };
        let mut process = Command::new(program);
        local_shop::functions::forget_cargo(process.as_std_mut());
        process.args(arguments).kill_on_drop(true);
        let output = process
            .output()
            .await
            .map_err(|error| format!("{program}: {error}"))?;
        if !output.status.success() {
            let said = [output.stderr, output.stdout].concat();
            let said = String::from_utf8_lossy(&said).into_owned();
            let last = said.lines().map(str::trim).rfind(|line| !line.is_empty());
            return Err(last.unwrap_or("it fails").to_owned());
        }
    }
    Ok(())
}

/// Major and minor version, if it runs.
async fn version(executable: &Path) -> Option<(u32, u32)> {
    let output = Command::new(executable)
        .args(["lambda", "--version"])
        .output()
        .await
        .ok()?;
    parse_version(&String::from_utf8_lossy(&output.stdout))
}

fn parse_version(text: &str) -> Option<(u32, u32)> {
    let number = text.split_whitespace().nth(1)?;
    let mut parts = number.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        assert_eq!(
            parse_version("cargo-lambda 1.9.2 (abc 2026-01-01Z)"),
            Some((1, 9))
        );
        assert!(parse_version("cargo-lambda 1.10.0").unwrap() >= LEAST);
        assert!(parse_version("cargo-lambda 1.8.6").unwrap() < LEAST);
        assert_eq!(parse_version(""), None);
    }
}
