//! What is done with what was built: deployed, used, changed, deleted.

use std::{collections::BTreeMap, path::Path};

use local_shop::{Keys, keys::PUBLIC_KEYS};

use super::{
    alone::Alone,
    deployed::Deployed,
    emulator::Emulator,
    report::Report,
    sam::{Deployment, Sam, processor},
};
use crate::{error::Failure, up::step};

/// The shop that is deployed by the root template.
const WHOLE: &str = "oxcart-whole";
/// What is changed in an operation, so that its answers show which version gave them.
pub const CHANGED: Change = Change {
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
pub const BUILT_IN: &str = "built-in";
/// Where SAM builds the whole shop, in the copy of the sources.
pub const BUILT: &str = ".aws-sam/build";

/// A change of one operation.
pub struct Change {
    /// The service that has it.
    pub service: &'static str,
    /// Its name.
    pub operation: &'static str,
    /// Its function in the template.
    pub logical_id: &'static str,
    /// Where it stands.
    pub file: &'static str,
    /// What is taken out there.
    pub old: &'static str,
    /// What is put in its place.
    pub new: &'static str,
    /// What it answers before.
    pub before: &'static str,
    /// What it answers after.
    pub after: &'static str,
}

/// A check under way.
pub struct Check<'c> {
    /// The SAM CLI.
    pub sam: &'c Sam<'c>,
    /// The emulator of AWS.
    pub emulator: &'c Emulator,
    /// The folder of logs and keys.
    pub folder: &'c Path,
}

impl Check<'_> {
    /// Puts a shop's new keys where its functions look for them.
    pub async fn keys(&self, shop: &str) -> Result<Keys, Failure> {
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

    /// An output of a stack.
    pub async fn output(&self, stack: &str, key: &str) -> Result<String, Failure> {
        let mut outputs: BTreeMap<String, String> = self.ask("outputs", &[stack]).await?;
        outputs.remove(key).ok_or_else(|| Failure::NoOutput {
            stack: stack.to_owned(),
            key: key.to_owned(),
        })
    }

    /// What the newest change set of a stack changed: logical ids by the resources' types.
    pub async fn changed(&self, stack: &str) -> Result<BTreeMap<String, Vec<String>>, Failure> {
        self.ask("changed", &[stack]).await
    }

    /// Fails if something still bears the shop's name.
    pub async fn nothing_is_left(&self, shop: &str) -> Result<(), Failure> {
        let left: Vec<String> = self.ask("left", &[shop]).await?;
        is("what is left of the shop", &left.join(", "), "")
    }

    /// Deploys the root template with its services nested (`together`) or without them (`apart`).
    pub async fn deploy_root(&self, shop: &str, services: &str, bus: &str) -> Result<(), Failure> {
        let deployment = Deployment {
            stack: shop,
            template: &format!("{BUILT}/template.yaml"),
            parameters: &[
                ("Shop", shop.to_owned()),
                ("Services", services.to_owned()),
                ("EventBus", bus.to_owned()),
                ("EventArchiveDays", "0".to_owned()), // the emulator's CloudFormation knows no archives
                ("TokenPublicKeys", format!("/{shop}/{PUBLIC_KEYS}")),
                ("Architecture", processor().to_owned()),
            ],
        };
        self.sam.deploy(self.emulator, &deployment).await
    }

    /// Deletes a stack of the root template.
    pub async fn delete_root(&self, shop: &str) -> Result<(), Failure> {
        self.ask("delete", &[shop]).await
    }

    /// The whole shop by the root template, and what it must do.
    pub async fn whole(&self, report: &mut Report) -> Result<Deployed, Failure> {
        self.keys(WHOLE).await?;
        self.deploy_root(WHOLE, "together", EVENTBRIDGE).await?;
        let functions = self.functions(WHOLE).await?.len();
        report.passed("sam deploy", &format!("{functions} functions"));
        let url = self.output(WHOLE, "ApiUrl").await?;
        let shop = Deployed::open(WHOLE, &url, self.emulator.connection()).await?;
        self.used(&shop, "the whole shop", EVENTBRIDGE, report)
            .await?;
        self.gives_up_what_is_no_event(report).await?;
        Ok(shop)
    }

    /// The function tells that a message has failed, and the queue moves those that fail too often.
    async fn gives_up_what_is_no_event(&self, report: &mut Report) -> Result<(), Failure> {
        step("Putting what is no event into the queue of letters");
        let queue = format!("{WHOLE}-order-mail");
        let failures = format!("{queue}-failures");
        let given_up: bool = self.ask("gives_up", &[&queue, &failures]).await?;
        let found = if given_up { "given up" } else { "kept" };
        is("what became of what is no event", found, "given up")?;
        let said = "what is no event came twice and was given up";
        report.passed("the whole shop", said);
        Ok(())
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
    pub async fn services_alone(&self, report: &mut Report) -> Result<(), Failure> {
        let mut alone = Alone::new(self).await?;
        let shop = alone.deploy().await?;
        report.passed("services alone", "each is a stack of its own");
        self.used(&shop, "the services alone", BUILT_IN, report)
            .await?;
        alone.users_change_while_orders_run(&shop, report).await?;
        alone.delete(report).await
    }

    /// The changed operation, which was built, comes with the whole shop: one function differs afterwards.
    pub async fn one_operation_changed(
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
    pub async fn deleted(&self, report: &mut Report) -> Result<(), Failure> {
        step("Deleting the whole shop");
        self.delete_root(WHOLE).await?;
        self.nothing_is_left(WHOLE).await?;
        report.passed("deleted", "nothing of the shop is left");
        Ok(())
    }
}

/// Something the check finds must be this.
pub fn is(what: &str, found: &str, wanted: &str) -> Result<(), Failure> {
    if found == wanted {
        return Ok(());
    }
    Err(Failure::DeployDiffers {
        what: what.to_owned(),
        found: found.to_owned(),
        wanted: wanted.to_owned(),
    })
}
