//! Each service as a stack of its own: what they need of each other they know by the shop's name, and the API, which the root
//! template makes without them, by its id.

use local_shop::Shop;
use tokio::sync::oneshot;

use super::{
    check::{BUILT, BUILT_IN, CHANGED, Check, is},
    deployed::Deployed,
    report::Report,
    sam::{Deployment, processor},
};
use crate::{error::Failure, up::step};

/// The shop that is deployed service by service.
const ALONE: &str = "oxcart-alone";
/// Where SAM builds the users service alone.
const USERS_BUILT: &str = ".aws-sam/users";

/// The services alone.
pub struct Alone<'c> {
    check: &'c Check<'c>,
    /// What templates may ask for.
    values: Vec<(&'static str, String)>,
    services: Vec<Service>,
}

struct Service {
    name: String,
    /// The name of its template's folder among what was built.
    id: String,
    /// Which values it asks for.
    parameters: Vec<String>,
}

impl Service {
    fn stack(&self) -> String {
        format!("{ALONE}-{}", self.name)
    }
}

impl<'c> Alone<'c> {
    /// The services that the templates declare, and their keys.
    pub async fn new(check: &'c Check<'c>) -> Result<Self, Failure> {
        let keys = check.keys(ALONE).await?;
        let infra = check.sam.source.root.join("infra");
        let shop = Shop::load(&infra, &keys.parameters(ALONE))?;
        let services = shop.services.into_iter().map(|service| Service {
            name: service.name,
            id: service.logical_id,
            parameters: service.parameters,
        });
        let values = vec![
            ("Shop", ALONE.to_owned()),
            ("TokenPublicKeys", keys.token_public_keys),
            ("Architecture", processor().to_owned()),
        ];
        Ok(Self {
            check,
            values,
            services: services.collect(),
        })
    }

    /// Deploys the API, then each.
    pub async fn deploy(&mut self) -> Result<Deployed, Failure> {
        self.check.deploy_root(ALONE, "apart", BUILT_IN).await?;
        let id = self.check.output(ALONE, "ApiId").await?;
        self.values.push(("ApiId", id));
        for service in &self.services {
            let template = format!("{BUILT}/{}/template.yaml", service.id);
            self.deploy_service(service, &template).await?;
        }
        let url = self.check.output(ALONE, "ApiUrl").await?;
        Deployed::open(ALONE, &url, self.check.emulator.connection()).await
    }

    async fn deploy_service(&self, service: &Service, template: &str) -> Result<(), Failure> {
        let asked = |name: &str| service.parameters.iter().any(|parameter| parameter == name);
        let parameters = self.values.iter().filter(|(name, _)| asked(name));
        let deployment = Deployment {
            stack: &service.stack(),
            template,
            parameters: &parameters.cloned().collect::<Vec<_>>(),
        };
        let sam = self.check.sam;
        sam.deploy(self.check.emulator, &deployment).await
    }

    /// One operation of the users service is changed, and the service deployed, while orders are placed: none of them fails, and
    /// the change set has one function.
    pub async fn users_change_while_orders_run(
        &self,
        shop: &Deployed,
        report: &mut Report,
    ) -> Result<(), Failure> {
        step("Changing an operation of the users service while orders run");
        let mut users = self.services.iter();
        let users = users.find(|service| service.name == CHANGED.service);
        let users = users.ok_or_else(|| Failure::NoOutput {
            stack: ALONE.to_owned(),
            key: CHANGED.service.to_owned(),
        })?;
        let sam = self.check.sam;
        sam.source.change(CHANGED.file, CHANGED.old, CHANGED.new)?;
        is(
            "the answer before",
            &shop.keeps_its_keys().await?,
            CHANGED.before,
        )?;
        sam.build(&format!("infra/{}.yaml", users.name), USERS_BUILT)
            .await?;
        let (deployed, done) = oneshot::channel();
        let deploying = async {
            let template = format!("{USERS_BUILT}/template.yaml");
            let outcome = self.deploy_service(users, &template).await;
            drop(deployed);
            outcome
        };
        let (outcome, placed) = tokio::join!(deploying, shop.goes_on_selling(done));
        outcome?;
        let placed = placed?;
        let mut changed = self.check.changed(&users.stack()).await?;
        let functions = changed.remove("AWS::Lambda::Function").unwrap_or_default();
        is(
            "the functions of the change set",
            &functions.join(", "),
            CHANGED.logical_id,
        )?;
        is(
            "the answer after",
            &shop.keeps_its_keys().await?,
            CHANGED.after,
        )?;
        let said = format!(
            "the change set has one function, {}; {} orders were placed meanwhile, {} of them at a further try, none failed",
            CHANGED.operation, placed.orders, placed.retried
        );
        report.passed("users deployed alone", &said);
        Ok(())
    }

    /// Deletes each, the last first, and the API.
    pub async fn delete(&self, report: &mut Report) -> Result<(), Failure> {
        step("Deleting the services one by one");
        for service in self.services.iter().rev() {
            let stack = service.stack();
            self.check.sam.delete(self.check.emulator, &stack).await?;
        }
        self.check.delete_root(ALONE).await?;
        self.check.nothing_is_left(ALONE).await?;
        report.passed("services deleted", "nothing of the shop is left");
        Ok(())
    }
}
