//! The parts of the store that settings describe. A function asks for those its operation works with and needs the
//! settings of no other.

use std::sync::Arc;

use cloud::Ses;
use store::{
    Carts, Catalogue, Checkout, Connection, Db, Deletion, Orders, Users,
    bus::{self, EventBus},
    mail::{Mailer, built_in::Mailbox},
    payment::{PaymentProvider, built_in::BuiltIn},
    throttle::Throttle,
};

use crate::{SettingError, Settings};

/// The users table.
pub fn users(settings: &Settings) -> Result<Users, SettingError> {
    Ok(Users::new(db(settings)?, table(settings, "USERS_TABLE")?))
}

/// The counters of tries, in the users table.
pub fn throttle(settings: &Settings) -> Result<Throttle, SettingError> {
    Ok(Throttle::new(
        db(settings)?,
        table(settings, "USERS_TABLE")?,
    ))
}

/// The catalogue table.
pub fn catalogue(settings: &Settings) -> Result<Catalogue, SettingError> {
    Ok(Catalogue::new(
        db(settings)?,
        table(settings, "CATALOGUE_TABLE")?,
    ))
}

/// The carts table.
pub fn carts(settings: &Settings) -> Result<Carts, SettingError> {
    Ok(Carts::new(db(settings)?, table(settings, "CARTS_TABLE")?))
}

/// Everything that the deletion of an account reaches.
pub fn deletion(settings: &Settings) -> Result<Deletion, SettingError> {
    Ok(Deletion {
        users: users(settings)?,
        carts: carts(settings)?,
        checkout: checkout(settings)?,
    })
}

/// The event bus.
pub fn event_bus(settings: &Settings) -> Result<Box<dyn EventBus>, SettingError> {
    match settings.text("EVENT_BUS")? {
        "built-in" => Ok(Box::new(bus::built_in::BuiltIn::new(
            db(settings)?,
            table(settings, "BUS_TABLE")?,
        ))),
        _ => Err(SettingError::malformed(
            "EVENT_BUS",
            "must be built-in: no other bus is built yet",
        )),
    }
}

/// How messages leave.
pub fn mailer(settings: &Settings) -> Result<Box<dyn Mailer>, SettingError> {
    match settings.text("MAILER")? {
        "built-in" => Ok(Box::new(Mailbox::new(
            db(settings)?,
            table(settings, "MAILBOX_TABLE")?,
        ))),
        "ses" => {
            let endpoint = settings.optional("AWS_ENDPOINT_URL_SESV2");
            let endpoint = endpoint.or_else(|| settings.optional("AWS_ENDPOINT_URL"));
            let from = settings.text("MAIL_FROM")?.to_owned();
            Ok(Box::new(Ses::new(&connection(settings)?, endpoint, from)))
        }
        _ => Err(SettingError::malformed("MAILER", "must be built-in or ses")),
    }
}

/// The orders table.
pub fn orders(settings: &Settings) -> Result<Orders, SettingError> {
    Ok(Orders::new(db(settings)?, table(settings, "ORDERS_TABLE")?))
}

/// Orders over the catalogue.
pub fn checkout(settings: &Settings) -> Result<Checkout, SettingError> {
    Ok(Checkout::new(orders(settings)?, catalogue(settings)?))
}

/// The payment provider. Where the shop trades it is not the one for tests, whatever a deployment let through.
pub fn payment_provider(settings: &Settings) -> Result<Box<dyn PaymentProvider>, SettingError> {
    let trades = trades(settings)?;
    match settings.text("PAYMENT_PROVIDER")? {
        "built-in" if trades => Err(SettingError::malformed(
            "PAYMENT_PROVIDER",
            "must not be built-in where STAGE is prod: that is for tests and takes no money",
        )),
        "built-in" => Ok(Box::new(BuiltIn::new(
            db(settings)?,
            table(settings, "PROVIDER_TABLE")?,
        ))),
        _ => Err(SettingError::malformed(
            "PAYMENT_PROVIDER",
            "must be built-in: no other provider is built yet",
        )),
    }
}

/// Whether the shop trades, which it does in one stage alone.
fn trades(settings: &Settings) -> Result<bool, SettingError> {
    match settings.text("STAGE")? {
        "dev" | "staging" => Ok(false),
        "prod" => Ok(true),
        _ => Err(SettingError::malformed(
            "STAGE",
            "must be dev, staging or prod",
        )),
    }
}

/// The one connection of everything that these settings describe.
fn db(settings: &Settings) -> Result<Arc<Db>, SettingError> {
    settings.db(|| Ok(Arc::new(Db::connect(&connection(settings)?))))
}

/// Where AWS is, and who asks.
pub(crate) fn connection(settings: &Settings) -> Result<Connection, SettingError> {
    let variable = |name: &str| settings.optional(name).map(str::to_owned);
    Connection::from_variables(variable).map_err(|missing| {
        SettingError::malformed(
            missing.0,
            "is missing: Lambda sets it for every function, elsewhere it must be set",
        )
    })
}

fn table(settings: &Settings, name: &str) -> Result<String, SettingError> {
    settings.text(name).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_the_shop_trades_the_provider_for_tests_is_refused() {
        let refused = |stage: &str| {
            let settings = [("PAYMENT_PROVIDER", "built-in"), ("STAGE", stage)];
            let provider = payment_provider(&Settings::from_map(settings));
            provider.err().unwrap().to_string()
        };
        let said = refused("prod");
        assert!(
            said.starts_with("the setting PAYMENT_PROVIDER must not be built-in"),
            "{said}"
        );
        // Elsewhere it goes on, and wants a table to be in.
        for stage in ["dev", "staging"] {
            let said = refused(stage);
            assert!(said.starts_with("the setting AWS_REGION"), "{said}");
        }
        let said = refused("production");
        assert_eq!(said, "the setting STAGE must be dev, staging or prod");
    }
}
