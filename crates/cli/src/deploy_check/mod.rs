//! `cargo shop deploy-check`: the whole deployment without AWS. The real commands build and deploy the real functions to an
//! emulator of AWS that enforces their policies, and the shop that comes of it is used, changed and deleted.
//!
//! - [`sam`]: the commands of the SAM CLI; [`source`]: the copy of the sources that they work on.
//! - [`emulator`]: the emulator, and what `aws.py` asks of it.
//! - [`check`]: what is done with what was built; [`alone`]: with each service as a stack of its own.
//! - [`deployed`]: what a deployed shop must do; [`accounts`]: those in it.
//! - [`tool`]: how programs are run and logged; [`report`]: what is said in the end.

mod accounts;
mod alone;
mod check;
mod deployed;
mod emulator;
mod report;
mod sam;
mod source;
mod tool;

use std::{
    cell::Cell,
    fs::{File, TryLockError},
    path::{Path, PathBuf},
};

use clap::Args;

use self::{
    check::{BUILT, Check},
    emulator::Emulator,
    report::Report,
    sam::Sam,
    source::Source,
    tool::Tool,
};
use crate::{
    error::Failure,
    processes::{interrupted, stop_descendants},
    project::Project,
    up::{step, tools},
};

/// The command's arguments.
#[derive(Args)]
pub struct DeployCheck {
    /// Build the functions as for AWS, small and fast, which takes most of an hour
    #[arg(long)]
    as_released: bool,
    /// Deploy the whole shop, tell how it is called, and leave it there until Ctrl-C
    #[arg(long)]
    keep: bool,
    /// Write what was found into this file, as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

impl DeployCheck {
    /// Makes the check, or leaves a deployed shop running.
    pub async fn run(self) -> Result<(), Failure> {
        if !cfg!(target_os = "linux") {
            return Err(Failure::NotLinux);
        }
        let project = Project::find()?;
        let folder = project.state("deploy-check");
        std::fs::create_dir_all(&folder).map_err(Failure::at(&folder))?;
        let _lock = lock(&folder)?;
        // What loses its parent when the check is cut short becomes a child of this process, and is stopped with the others.
        #[cfg(target_os = "linux")]
        let _ = nix::sys::prctl::set_child_subreaper(true);
        let is_kept = Cell::new(false);
        let outcome = tokio::select! {
            outcome = self.check(&project, &folder, &is_kept) => outcome,
            () = interrupted() => {
                eprintln!("\nStopping …");
                // A shop that was kept is done with; a check is not.
                match is_kept.get() {
                    true => Ok(()),
                    false => Err(Failure::Interrupted),
                }
            }
        };
        stop_descendants().await;
        outcome
    }

    async fn check(
        &self,
        project: &Project,
        folder: &Path,
        is_kept: &Cell<bool>,
    ) -> Result<(), Failure> {
        let root = &project.workspace.root;
        let mut report = Report::new();
        step("Checking the templates and what SAM makes of them");
        let log = folder.join("templates.log");
        let templates = Tool::new(".ci/templates", root.join(".ci/templates"), log);
        let said = templates.run(|_| ()).await?;
        report.passed("templates", &summed_up(&said));

        let cargo_lambda = tools::cargo_lambda(project).await?;
        step("Copying the sources");
        let log = folder.join("git.log");
        let source = Source::copy(root, folder.join("source"), log).await?;
        let sam = Sam {
            root,
            source: &source,
            logs: folder,
            target: folder.join("target"),
            cargo_lambda: &cargo_lambda,
            as_released: self.as_released,
        };
        step("sam build (the first time takes minutes)");
        sam.build("infra/template.yaml", BUILT).await?;
        report.passed("sam build", "every function");

        step("Starting the emulator of AWS, which enforces policies");
        let emulator = Emulator::start(root, folder).await?;
        let check = Check {
            sam: &sam,
            emulator: &emulator,
            folder,
        };
        let deployed = check.whole(&mut report).await?;
        if self.keep {
            deployed.greet(&emulator);
            is_kept.set(true);
            return std::future::pending().await;
        }
        check.services_alone(&mut report).await?;
        check.one_operation_changed(&deployed, &mut report).await?;
        check.deleted(&mut report).await?;
        report.told(self.json.as_deref())
    }
}

/// One check at a time, since they share their folder.
fn lock(folder: &Path) -> Result<File, Failure> {
    let file = folder.join("lock");
    let opened = File::create(&file).map_err(Failure::at(&file))?;
    match opened.try_lock() {
        Ok(()) => Ok(opened),
        Err(TryLockError::WouldBlock) => Err(Failure::AlreadyRunning {
            command: " deploy-check".to_owned(),
            at: String::new(),
        }),
        Err(TryLockError::Error(source)) => Err(Failure::File { file, source }),
    }
}

/// The lines of `.ci/templates` that say how many resources there are and that all is clean.
fn summed_up(said: &str) -> String {
    let lines: Vec<&str> = said.trim().lines().map(str::trim).collect();
    lines[lines.len().saturating_sub(2)..].join("; ")
}
