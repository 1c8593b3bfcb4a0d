//! The functions' executables, built once and as `cargo lambda watch` would build them.
//!
//! For a request, `cargo lambda watch` runs `cargo run --bin <operation>` in the workspace's root. Building with
//! `--bin` alone, without `--package`, resolves the same features, so that nothing is compiled a second time.

use std::{
    collections::BTreeMap,
    io::BufReader,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde::Deserialize;

/// A build did not come about.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// Cargo can't be started.
    #[error("cargo can't be started ({0}); install Rust from https://rustup.rs")]
    NoCargo(std::io::Error),
    /// Cargo says no.
    #[error("{command} failed:\n{output}")]
    Failed {
        /// What was run.
        command: &'static str,
        /// What it said.
        output: String,
    },
    /// Cargo's answer is not understood.
    #[error("the answer of {command} is not understood: {source}")]
    NotUnderstood {
        /// What was run.
        command: &'static str,
        /// Why.
        source: serde_json::Error,
    },
    /// A function has no executable.
    #[error(
        "no package has an executable {0}; run `cargo shop sync`, which declares those of infra/"
    )]
    NoBinary(String),
}

/// The Cargo workspace.
#[derive(Clone, Debug)]
pub struct Workspace {
    /// Its root folder.
    pub root: PathBuf,
    /// Where Cargo builds.
    pub target: PathBuf,
    /// The executables of its packages.
    pub binaries: Vec<Binary>,
}

/// An executable that a package declares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binary {
    /// Its name.
    pub name: String,
    /// Its package's folder, relative to the workspace's root.
    pub package: String,
    /// Its source file, relative to the workspace's root.
    pub source: String,
}

/// What to do with Cargo's progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Cargo's own display, on standard error.
    Shown,
    /// Nothing unless the build fails.
    Quiet,
}

/// The functions' executables by operation.
#[derive(Clone, Debug)]
pub struct Functions(BTreeMap<String, PathBuf>);

impl Workspace {
    /// The workspace around this folder.
    pub fn find(folder: &Path) -> Result<Self, BuildError> {
        let command = "cargo metadata";
        let output = cargo(folder)
            .args(["metadata", "--no-deps", "--format-version", "1"])
            .stdin(Stdio::null())
            .output()
            .map_err(BuildError::NoCargo)?;
        if !output.status.success() {
            let output = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            return Err(BuildError::Failed { command, output });
        }
        let metadata: Metadata = serde_json::from_slice(&output.stdout)
            .map_err(|source| BuildError::NotUnderstood { command, source })?;
        let root = metadata.workspace_root;
        let mut binaries = Vec::new();
        for package in metadata.packages {
            let folder = package.manifest_path.parent().unwrap_or(&root);
            let relative = |path: &Path| {
                let path = path.strip_prefix(&root).unwrap_or(path);
                path.to_string_lossy().replace('\\', "/")
            };
            let bins = package
                .targets
                .into_iter()
                .filter(|target| target.kind == ["bin"]);
            binaries.extend(bins.map(|bin| Binary {
                name: bin.name,
                package: relative(folder),
                source: relative(&bin.src_path),
            }));
        }
        Ok(Self {
            target: metadata.target_directory,
            root,
            binaries,
        })
    }

    /// Where the templates are.
    pub fn infra(&self) -> PathBuf {
        self.root.join("infra")
    }

    /// Where local state is kept; Git ignores it.
    pub fn state(&self) -> PathBuf {
        self.root.join(".shop")
    }
}

impl Functions {
    /// Builds the executables of these operations.
    pub fn build<'o>(
        workspace: &Workspace,
        operations: impl IntoIterator<Item = &'o str>,
        progress: Progress,
    ) -> Result<Self, BuildError> {
        let command = "cargo build";
        let mut build = cargo(&workspace.root);
        build.args(["build", "--message-format", "json-render-diagnostics"]);
        let mut wanted = BTreeMap::new();
        for operation in operations {
            if !workspace
                .binaries
                .iter()
                .any(|binary| binary.name == operation)
            {
                return Err(BuildError::NoBinary(operation.to_owned()));
            }
            build.args(["--bin", operation]);
            wanted.insert(operation.to_owned(), None);
        }
        let stderr = match progress {
            Progress::Shown => Stdio::inherit(),
            Progress::Quiet => Stdio::piped(),
        };
        let build = build
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(stderr);
        let output = build
            .spawn()
            .and_then(|child| child.wait_with_output())
            .map_err(BuildError::NoCargo)?;
        if !output.status.success() {
            let output = match progress {
                Progress::Shown => "its messages stand above".to_owned(),
                Progress::Quiet => String::from_utf8_lossy(&output.stderr).trim().to_owned(),
            };
            return Err(BuildError::Failed { command, output });
        }
        let messages = serde_json::Deserializer::from_reader(BufReader::new(&*output.stdout));
        for message in messages.into_iter::<Message>() {
            let message =
                message.map_err(|source| BuildError::NotUnderstood { command, source })?;
            if let (Some(executable), Some(target)) = (message.executable, message.target)
                && let Some(place) = wanted.get_mut(&target.name)
            {
                *place = Some(executable);
            }
        }
        let found = wanted
            .into_iter()
            .map(|(name, executable)| match executable {
                Some(executable) => Ok((name, executable)),
                None => Err(BuildError::NoBinary(name)),
            });
        Ok(Self(found.collect::<Result<_, _>>()?))
    }

    /// The executable of an operation.
    pub fn executable(&self, operation: &str) -> Option<&Path> {
        self.0.get(operation).map(PathBuf::as_path)
    }

    /// Every operation with its executable.
    pub fn executables(&self) -> impl Iterator<Item = (&str, &Path)> {
        self.0
            .iter()
            .map(|(name, executable)| (name.as_str(), executable.as_path()))
    }
}

/// Cargo, as a user would start it in this folder.
fn cargo(folder: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    forget_cargo(&mut command);
    command.current_dir(folder);
    command
}

/// Takes away what `cargo run` and `cargo test` put into the environment of what they start. Some build scripts,
/// ring's among them, look at these variables, and everything above them would be compiled once for each set of values.
pub fn forget_cargo(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        let prefixes = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_"];
        let whole = [
            "CARGO",
            "CARGO_CRATE_NAME",
            "CARGO_PRIMARY_PACKAGE",
            "OUT_DIR",
        ];
        if whole.contains(&&*name) || prefixes.iter().any(|prefix| name.starts_with(prefix)) {
            command.env_remove(&*name);
        }
    }
}

#[derive(Deserialize)]
struct Metadata {
    workspace_root: PathBuf,
    target_directory: PathBuf,
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    manifest_path: PathBuf,
    targets: Vec<Target>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
    kind: Vec<String>,
    src_path: PathBuf,
}

/// A line of `cargo build`; lines of other kinds have neither member.
#[derive(Deserialize)]
struct Message {
    target: Option<Target>,
    executable: Option<PathBuf>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_workspace_is_found_from_any_folder_in_it() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        let workspace = Workspace::find(folder).unwrap();
        assert!(workspace.infra().join("template.yaml").exists());
        let cli = workspace
            .binaries
            .iter()
            .find(|binary| binary.package == "crates/cli");
        let cli = cli.unwrap();
        assert_eq!(
            (cli.name.as_str(), cli.source.as_str()),
            ("cli", "crates/cli/src/main.rs")
        );
    }

    #[test]
    fn an_operation_without_an_executable_is_named() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        let workspace = Workspace::find(folder).unwrap();
        let error = Functions::build(&workspace, ["no-such-thing"], Progress::Quiet).unwrap_err();
        assert!(
            error.to_string().contains("executable no-such-thing"),
            "{error}"
        );
    }

    #[test]
    fn outside_a_workspace_cargo_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let error = Workspace::find(folder.path()).unwrap_err().to_string();
        assert!(error.contains("Cargo.toml"), "{error}");
    }
}
