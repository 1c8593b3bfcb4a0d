//! `cargo shop deploy-check`: the whole deployment without AWS. The real commands build and deploy the real functions to an
//! emulator of AWS that enforces their policies, and the shop that comes of it is used, changed and deleted.
//!
//! - [`sam`]: the commands of the SAM CLI; [`source`]: the copy of the sources that they work on.
//! - [`emulator`]: the emulator, and what `aws.py` asks of it.
//! - [`deployed`]: what the deployed shop must do; [`alone`]: each service as a stack of its own.
//! - [`tool`]: how programs are run and logged; [`report`]: what is said in the end.

mod alone;
mod deployed;
mod emulator;
mod report;
mod sam;
mod source;
mod tool;

use std::{
    collections::BTreeMap,
    fs::{File, TryLockError},
    path::{Path, PathBuf},
};

use clap::Args;
use local_shop::Keys;

use self::{
    alone::Alone,
    deployed::Deployed,
    emulator::Emulator,
    report::Report,
    sam::{Deployment, Sam, processor},
    source::Source,
    tool::Tool,
};
use crate::{
    error::Failure,
    processes::{interrupted, stop_descendants},
    project::Project,
    up::{step, tools},
};

/// The shop that is deployed by the root template.
const WHOLE: &str = "oxcart-whole";
/// What is changed in an operation, so that its answers show which version gave them.
const CHANGED: Change = Change {
    service: "users",
    operation: "get-jwks",
    logical_id: "GetJwks",
    file: "functions/users/src/get_jwks.rs",
    old: "public_for(300)",
    new: "public_for(301)",
    before: "public, max-age=300",
    after: "public, max-age=301",
};
/// The buses, of which the whole shop has one and the services alone the other.
const EVENTBRIDGE: &str = "eventbridge";
const BUILT_IN: &str = "built-in";
/// Where SAM builds the whole shop, in the copy of the sources.
const BUILT: &str = ".aws-sam/build";

/// A change of one operation.
struct Change {
    service: &'static str,
    operation: &'static str,
    logical_id: &'static str,
    file: &'static str,
    old: &'static str,
    new: &'static str,
    before: &'static str,
    after: &'static str,
}

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
        let outcome = tokio::select! {
            outcome = self.check(&project, &folder) => outcome,
            () = interrupted() => {
                eprintln!("\nStopping …");
                // A shop that was to be kept is done with; a check is not.
                if self.keep { Ok(()) } else { Err(Failure::Interrupted) }
            }
        };
        stop_descendants().await;
        outcome
    }

    async fn check(&self, project: &Project, folder: &Path) -> Result<(), Failure> {
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

/// A check under way.
struct Check<'c> {
    sam: &'c Sam<'c>,
    emulator: &'c Emulator,
    folder: &'c Path,
}

impl Check<'_> {
    /// Puts a shop's new keys where its functions look for them.
    async fn keys(&self, shop: &str) -> Result<Keys, Failure> {
        let file = self.folder.join(format!("{shop}-keys.json"));
        let keys = Keys::load_or_make(&file)?;
        let arguments = [shop, &file.to_string_lossy()];
        let _: usize = self.ask("put_parameters", &arguments).await?;
        Ok(keys)
    }

    async fn ask<T: serde::de::DeserializeOwned>(
        &self,
        action: &str,
        arguments: &[&str],
    ) -> Result<T, Failure> {
        let log = self.folder.join(format!("aws-{action}.log"));
        self.emulator.ask(action, arguments, log).await
    }

    async fn functions(&self, shop: &str) -> Result<BTreeMap<String, String>, Failure> {
        self.ask("functions", &[shop]).await
    }

    async fn output(&self, stack: &str, key: &str) -> Result<String, Failure> {
        let mut outputs: BTreeMap<String, String> = self.ask("outputs", &[stack]).await?;
        outputs.remove(key).ok_or_else(|| Failure::NoOutput {
            stack: stack.to_owned(),
            key: key.to_owned(),
        })
    }

    /// What the newest change set of a stack changed: logical ids by the resources' types.
    async fn changed(&self, stack: &str) -> Result<BTreeMap<String, Vec<String>>, Failure> {
        self.ask("changed", &[stack]).await
    }

    async fn nothing_is_left(&self, shop: &str) -> Result<(), Failure> {
        let left: Vec<String> = self.ask("left", &[shop]).await?;
        is("what is left of the shop", &left.join(", "), "")
    }

    /// Deploys the root template with its services nested (`together`) or without them (`apart`).
    async fn deploy_root(&self, shop: &str, services: &str, bus: &str) -> Result<(), Failure> {
        let deployment = Deployment {
            stack: shop,
            template: &format!("{BUILT}/template.yaml"),
            parameters: &[
                ("Shop", shop.to_owned()),
                ("Services", services.to_owned()),
                ("EventBus", bus.to_owned()),
                ("EventArchiveDays", "0".to_owned()), // the emulator's CloudFormation knows no archives
                ("TokenPublicKeys", format!("/{shop}/token-public-keys")),
                ("Architecture", processor().to_owned()),
            ],
        };
        self.sam.deploy(self.emulator, &deployment).await
    }

    /// The whole shop by the root template, and what it must do.
    async fn whole(&self, report: &mut Report) -> Result<Deployed, Failure> {
        self.keys(WHOLE).await?;
        self.deploy_root(WHOLE, "together", EVENTBRIDGE).await?;
        let functions = self.functions(WHOLE).await?.len();
        report.passed("sam deploy", &format!("{functions} functions"));
        let url = self.output(WHOLE, "ApiUrl").await?;
        let shop = Deployed::open(WHOLE, &url, self.emulator.connection()).await?;
        self.used(&shop, "the whole shop", EVENTBRIDGE, report)
            .await?;
        Ok(shop)
    }

    /// A deployed shop does what a shop must.
    async fn used(
        &self,
        shop: &Deployed,
        name: &str,
        bus: &str,
        report: &mut Report,
    ) -> Result<(), Failure> {
        step(&format!("Using {name}: the story of `cargo shop demo`"));
        let file = self.folder.join("story.log");
        shop.hears_the_story(&file).await?;
        report.passed(name, "the story went as told");
        step("Racing for last pieces");
        let (pieces, buyers) = shop.sells_last_pieces_once().await?;
        let said = format!("{pieces} last pieces sold once each to {buyers} buyers at a time");
        report.passed(name, &said);
        step("Verifying an address and ordering, and waiting for the letters about it");
        shop.writes_to_its_customers().await?;
        report.passed(name, "a customer was written to about an order");
        step("Auditing its tables");
        let orders = shop.agrees(bus == BUILT_IN).await?;
        report.passed(name, &format!("everything agrees after {orders} orders"));
        Ok(())
    }

    /// Each service as a stack of its own, of which one is changed while orders run.
    async fn services_alone(&self, report: &mut Report) -> Result<(), Failure> {
        let mut alone = Alone::new(self).await?;
        let shop = alone.deploy().await?;
        report.passed("services alone", "each is a stack of its own");
        self.used(&shop, "the services alone", BUILT_IN, report)
            .await?;
        alone.users_change_while_orders_run(&shop, report).await?;
        alone.delete(report).await
    }

    /// The changed operation, which was built, comes with the whole shop: one function differs afterwards.
    async fn one_operation_changed(
        &self,
        shop: &Deployed,
        report: &mut Report,
    ) -> Result<(), Failure> {
        step("Building and deploying the whole shop with one operation changed");
        let before = self.functions(WHOLE).await?;
        is(
            "the answer before",
            &shop.keeps_its_keys().await?,
            CHANGED.before,
        )?;
        self.sam.build("infra/template.yaml", BUILT).await?;
        self.deploy_root(WHOLE, "together", EVENTBRIDGE).await?;
        let after = self.functions(WHOLE).await?;
        let changed = after
            .iter()
            .filter(|(name, code)| before.get(*name) != Some(code));
        let changed: Vec<&str> = changed.map(|(name, _)| name.as_str()).collect();
        let wanted = format!("{WHOLE}-{}", CHANGED.operation);
        is("the functions that changed", &changed.join(", "), &wanted)?;
        is(
            "the answer after",
            &shop.keeps_its_keys().await?,
            CHANGED.after,
        )?;
        let said = format!("of {} functions, {wanted} alone changed", after.len());
        report.passed("one operation changed", &said);
        Ok(())
    }

    /// The root stack is deleted, and nothing of the shop is left.
    async fn deleted(&self, report: &mut Report) -> Result<(), Failure> {
        step("Deleting the whole shop");
        let () = self.ask("delete", &[WHOLE]).await?;
        self.nothing_is_left(WHOLE).await?;
        report.passed("deleted", "nothing of the shop is left");
        Ok(())
    }
}

/// The lines of `.ci/templates` that say how many resources there are and that all is clean.
fn summed_up(said: &str) -> String {
    let lines: Vec<&str> = said.trim().lines().map(str::trim).collect();
    lines[lines.len().saturating_sub(2)..].join("; ")
}

/// Something the check finds must be this.
fn is(what: &str, found: &str, wanted: &str) -> Result<(), Failure> {
    if found == wanted {
        return Ok(());
    }
    Err(Failure::DeployDiffers {
        what: what.to_owned(),
        found: found.to_owned(),
        wanted: wanted.to_owned(),
    })
}
