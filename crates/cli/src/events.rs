//! `cargo shop events`: the sample events with tokens that are good for ten minutes and keys that are new.

use std::path::PathBuf;

use clap::Args;
use domain::{Caller, IdempotencyKey, OrderId, Role, Timestamp, UserId};
use edge::{Settings, SigningKey};
use local_shop::Keys;

use crate::{
    error::Failure,
    project::{Project, SHOP},
    seed::{CUSTOMER, PRODUCTS, STAFF},
};

#[derive(Args)]
pub struct Events {
    /// The folder to write to [default: .shop/events]
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,
}

impl Events {
    pub async fn run(self) -> Result<(), Failure> {
        let project = Project::find()?;
        let keys = project.keys()?;
        let (customer, staff) = (
            token(&keys, &CUSTOMER.caller())?,
            token(&keys, &STAFF.caller())?,
        );
        let guest = token(&keys, &new_guest()?)?;
        // An order's id follows from its key, so the other events can name the order that place-order will place.
        let key = fresh()?;
        let placed =
            IdempotencyKey::parse(&key).map(|key| OrderId::of(&CUSTOMER.caller().id, &key));
        let order_id = placed.map(|id| id.to_string()).unwrap_or_default();

        let source = project.workspace.root.join("events");
        let folder = self.folder.unwrap_or_else(|| project.state("events"));
        std::fs::create_dir_all(&folder).map_err(Failure::at(&folder))?;
        let mut files: Vec<PathBuf> = std::fs::read_dir(&source)
            .map_err(Failure::at(&source))?
            .filter_map(|file| Some(file.ok()?.path()))
            .filter(|file| {
                file.extension()
                    .is_some_and(|extension| extension == "json")
            })
            .collect();
        files.sort();
        for file in &files {
            let text = std::fs::read_to_string(file).map_err(Failure::at(file))?;
            let name = file.file_name().unwrap_or_default();
            let key = if name == "place-order.json" {
                key.clone()
            } else {
                fresh()?
            };
            let text = text
                .replace("<customer>", &customer)
                .replace("<staff>", &staff)
                .replace("<guest>", &guest)
                .replace("<order_id>", &order_id)
                .replace("<product_id>", PRODUCTS[0].id)
                .replace("<fresh>", &key);
            let signed = folder.join(name);
            local_shop::keys::write_private(&signed, &text).map_err(Failure::at(&signed))?;
        }
        let here = std::env::current_dir().unwrap_or_default();
        let shown = folder.strip_prefix(&here).unwrap_or(&folder).display();
        println!(
            "wrote {} events to {shown}; their tokens last ten minutes",
            files.len()
        );
        let at = project
            .running()
            .and_then(|running| running.url)
            .map(|url| {
                let port = url.rsplit(':').next().unwrap_or_default();
                format!(" --invoke-address 127.0.0.1 --invoke-port {port}")
            });
        let at = at.unwrap_or_default();
        println!("  cargo lambda invoke place-order{at} --data-file {shown}/place-order.json");
        Ok(())
    }
}

fn new_guest() -> Result<Caller, Failure> {
    let random = edge::random_bytes().map_err(|_| Failure::NoRandomBytes)?;
    Ok(Caller {
        id: UserId::guest(random),
        role: Role::Guest,
    })
}

fn token(keys: &Keys, caller: &Caller) -> Result<String, Failure> {
    let settings = Settings::from_map([
        ("TOKEN_SIGNING_KEY", keys.token_signing_key.as_str()),
        ("TOKEN_AUDIENCE", SHOP),
    ]);
    let key = SigningKey::from_settings(&settings)
        .map_err(|error| Failure::NotSigned(error.to_string()))?;
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let millis = now
        .map(|now| i64::try_from(now.as_millis()).unwrap_or(i64::MAX))
        .unwrap_or(0);
    let token = key.sign(caller, Timestamp::from_millis(millis));
    Ok(token
        .map_err(|_| Failure::NotSigned("the key does not sign".into()))?
        .token)
}

/// 16 random bytes in hexadecimal digits.
fn fresh() -> Result<String, Failure> {
    let bytes = edge::random_bytes::<16>().map_err(|_| Failure::NoRandomBytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
