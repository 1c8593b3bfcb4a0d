//! The commands of the SAM CLI, as one who deploys types them.

use std::path::{Path, PathBuf};

use super::{emulator::Emulator, source::Source, tool::Tool};
use crate::{error::Failure, up::step};

/// Quick to build in the place of small and fast: Cargo's own overrides of the release profile.
const LIGHT: [(&str, &str); 4] = [
    ("CARGO_PROFILE_RELEASE_LTO", "off"),
    ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1"),
    ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16"),
    ("CARGO_PROFILE_RELEASE_STRIP", "symbols"),
];

/// The SAM CLI at work on a copy of the sources.
pub struct Sam<'a> {
    /// The clone whose Python environments are used.
    pub root: &'a Path,
    /// What is built.
    pub source: &'a Source,
    /// The folder of logs.
    pub logs: &'a Path,
    /// Where Cargo builds.
    pub target: PathBuf,
    /// The executable `cargo-lambda`.
    pub cargo_lambda: &'a Path,
    /// Whether to build as for a real deployment.
    pub as_released: bool,
}

/// What a stack is deployed from and as.
pub struct Deployment<'d> {
    /// The stack's name.
    pub stack: &'d str,
    /// A built template, relative to the sources.
    pub template: &'d str,
    /// Its parameters.
    pub parameters: &'d [(&'d str, String)],
}

impl Sam<'_> {
    fn tool(&self, name: &str, log: &str) -> Tool {
        let log = self.logs.join(log);
        Tool::of_python(self.root, "sam", "$bin/sam", name, log).within(&self.source.root)
    }

    /// `sam build` of a template into a folder, both relative to the sources.
    pub async fn build(&self, template: &str, into: &str) -> Result<(), Failure> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let own = self.cargo_lambda.parent().unwrap_or(Path::new(""));
        let paths = [own.to_owned()]
            .into_iter()
            .chain(std::env::split_paths(&path));
        let path = std::env::join_paths(paths.filter(|path| !path.as_os_str().is_empty()));
        let processor = format!("ParameterKey=Architecture,ParameterValue={}", processor());
        let mut functions = 0;
        self.tool("sam build", "sam-build.log")
            .args(["build", "--template", template, "--build-dir", into])
            .args(["--parameter-overrides", &processor])
            .envs([
                ("PATH", path.unwrap_or_default().as_os_str()),
                ("CARGO_TARGET_DIR", self.target.as_os_str()),
                // What is built here runs here; for another machine zig would be needed.
                ("CARGO_LAMBDA_COMPILER", "cargo".as_ref()),
                ("AWS_DEFAULT_REGION", "us-east-1".as_ref()),
                ("SAM_CLI_TELEMETRY", "0".as_ref()),
            ])
            .envs(LIGHT.into_iter().filter(|_| !self.as_released))
            .run(|line| {
                if let Some((_, name)) = line.split_once("functions: ") {
                    functions += 1;
                    eprint!("\r\x1b[K  {functions} {name}");
                }
            })
            .await?;
        eprintln!("\r\x1b[K  {functions} functions");
        Ok(())
    }

    /// `sam deploy` of what was built.
    pub async fn deploy(
        &self,
        emulator: &Emulator,
        deployment: &Deployment<'_>,
    ) -> Result<(), Failure> {
        let Deployment {
            stack,
            template,
            parameters,
        } = deployment;
        step(&format!("sam deploy --stack-name {stack}"));
        let parameters = parameters
            .iter()
            .map(|(name, value)| format!("ParameterKey={name},ParameterValue={}", quoted(value)));
        self.tool("sam deploy", &format!("sam-deploy-{stack}.log"))
            .args(["deploy", "--template", template, "--stack-name", stack])
            .args(["--s3-prefix", stack, "--resolve-s3", "--no-progressbar"])
            .args(["--no-confirm-changeset", "--no-fail-on-empty-changeset"])
            .args(["--capabilities", "CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"])
            .args(["--parameter-overrides"])
            .args(parameters)
            .envs(emulator.variables())
            .run(|_| ())
            .await?;
        Ok(())
    }

    /// `sam delete` of a stack.
    pub async fn delete(&self, emulator: &Emulator, stack: &str) -> Result<(), Failure> {
        self.tool("sam delete", &format!("sam-delete-{stack}.log"))
            .args(["delete", "--stack-name", stack, "--no-prompts"])
            .envs(emulator.variables())
            .run(|_| ())
            .await?;
        Ok(())
    }
}

/// The processor of this machine, as the templates' parameter takes it.
pub fn processor() -> &'static str {
    match std::env::consts::ARCH {
        "aarch64" => "arm64",
        other => other,
    }
}

/// A value as the SAM CLI reads it, JSON included.
fn quoted(value: &str) -> String {
    format!(r#""{}""#, value.replace('\\', r"\\").replace('"', r#"\""#))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_keeps_its_quotes() {
        assert_eq!(quoted("oxcart"), r#""oxcart""#);
        assert_eq!(quoted(r#"{"keys":[]}"#), r#""{\"keys\":[]}""#);
    }
}
