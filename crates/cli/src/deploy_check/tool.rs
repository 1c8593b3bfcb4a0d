//! Programs that do a step's work: what they say goes to a log, of which people see what tells how far it is.

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
    process::Stdio,
};

use local_shop::functions::forget_cargo;
use tokio::{
    fs::File,
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    process::Command,
};

use crate::{error::Failure, supervise::tail};

/// A program that is to run to its end.
pub struct Tool {
    /// What it is called when it fails.
    name: String,
    command: Command,
    log: PathBuf,
}

impl Tool {
    /// This program.
    pub fn new(name: impl Into<String>, program: impl AsRef<OsStr>, log: PathBuf) -> Self {
        let mut command = Command::new(program);
        forget_cargo(command.as_std_mut());
        Self {
            name: name.into(),
            command,
            log,
        }
    }

    /// A program of one of the Python environments that `.ci/venv` makes at their first use: `program` may be `$bin/NAME` or
    /// `$python`.
    pub fn of_python(
        root: &Path,
        environment: &str,
        program: &str,
        name: impl Into<String>,
        log: PathBuf,
    ) -> Self {
        let mut tool = Self::new(name, "bash", log);
        let script = in_environment(environment, program);
        tool.command.arg("-c").arg(script).arg(root);
        tool
    }

    /// With these arguments.
    pub fn args(mut self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        self.command.args(arguments);
        self
    }

    /// In this folder.
    pub fn within(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// With these variables beside this process's own.
    pub fn envs(
        mut self,
        variables: impl IntoIterator<Item = (impl AsRef<OsStr>, impl AsRef<OsStr>)>,
    ) -> Self {
        self.command.envs(variables);
        self
    }

    /// Runs it to its end and gives its standard output. Each line of that and of what it complains goes to the log and to
    /// `each`.
    pub async fn run(mut self, mut each: impl FnMut(&str)) -> Result<String, Failure> {
        let at_log = || Failure::at(&self.log);
        let mut log = File::create(&self.log).await.map_err(at_log())?;
        self.command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        let started = self.command.spawn();
        let mut child = started.map_err(|error| Failure::NotStarted(self.name.clone(), error))?;
        let (Some(stdout), Some(stderr)) = (child.stdout.take(), child.stderr.take()) else {
            return Ok(String::new()); // both were asked for
        };
        let mut answer = BufReader::new(stdout).lines();
        let mut words = BufReader::new(stderr).lines();
        let (mut output, mut complaints) = (String::new(), true);
        loop {
            let (line, answers) = tokio::select! {
                line = answer.next_line() => (line, true),
                line = words.next_line(), if complaints => (line, false),
            };
            match line.map_err(at_log())? {
                Some(line) => {
                    each(&line);
                    let line = format!("{line}\n");
                    log.write_all(line.as_bytes()).await.map_err(at_log())?;
                    if answers {
                        output += &line;
                    }
                }
                None if answers => break,
                None => complaints = false,
            }
        }
        while let Some(line) = words.next_line().await.map_err(at_log())? {
            each(&line);
            log.write_all(format!("{line}\n").as_bytes())
                .await
                .map_err(at_log())?;
        }
        log.flush().await.map_err(at_log())?;
        let status = child.wait().await.map_err(at_log())?;
        if status.success() {
            return Ok(output);
        }
        Err(Failure::Tool {
            name: self.name,
            status: status.to_string(),
            tail: tail(&self.log, 15),
            log: self.log,
        })
    }
}

/// A script for `bash -c` that runs a program of a Python environment. It takes the clone's folder, then the program's
/// arguments.
pub fn in_environment(environment: &str, program: &str) -> String {
    format!(
        r#"made=$("$0"/.ci/venv {environment} .ci/requirements/{environment}.txt) && eval "$made" && exec "{program}" "$@""#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(folder: &Path, script: &str) -> Tool {
        Tool::new("a script", "sh", folder.join("log")).args(["-c", script])
    }

    #[tokio::test]
    async fn what_a_program_says_is_logged_and_what_it_answers_is_given() {
        let folder = tempfile::tempdir().unwrap();
        let mut lines = 0;
        let output = shell(folder.path(), "echo one; echo two >&2; echo three")
            .run(|_| lines += 1)
            .await
            .unwrap();
        assert_eq!(output, "one\nthree\n");
        assert_eq!(lines, 3);
        let log = std::fs::read_to_string(folder.path().join("log")).unwrap();
        assert!(log.contains("two\n") && log.contains("three\n"), "{log}");
    }

    #[tokio::test]
    async fn a_program_that_fails_is_named_with_the_end_of_its_log() {
        let folder = tempfile::tempdir().unwrap();
        let failed = shell(folder.path(), "echo because >&2; exit 3");
        let failure = failed.run(|_| ()).await.unwrap_err().to_string();
        assert!(
            failure.contains("a script") && failure.contains("because"),
            "{failure}"
        );
    }
}
