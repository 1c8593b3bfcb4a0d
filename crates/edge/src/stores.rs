//! The parts of the store that settings describe. A function asks for those its operation works with and needs the
//! settings of no other.

use std::sync::Arc;

use cloud::{EventBridge, Ses};
use store::{
    Carts, Catalogue, Checkout, Connection, Db, Deletion, Orders, Users,
    audit::Tables,
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
    match chosen_bus(settings)? {
        Bus::BuiltIn => Ok(Box::new(bus::built_in::BuiltIn::new(
            db(settings)?,
            table(settings, "BUS_TABLE")?,
        ))),
        Bus::EventBridge => {
            let endpoint = endpoint(settings, "AWS_ENDPOINT_URL_EVENTBRIDGE");
            let bus = settings.text("EVENT_BUS_NAME")?.to_owned();
            let connection = connection(settings)?;
            Ok(Box::new(EventBridge::new(
                &connection,
                endpoint.as_deref(),
                bus,
            )))
        }
    }
}

/// Where events about orders go.
enum Bus {
    BuiltIn,
    EventBridge,
}

fn chosen_bus(settings: &Settings) -> Result<Bus, SettingError> {
    match settings.text("EVENT_BUS")? {
        "built-in" => Ok(Bus::BuiltIn),
        "eventbridge" => Ok(Bus::EventBridge),
        _ => Err(SettingError::malformed(
            "EVENT_BUS",
            "must be built-in or eventbridge",
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
            let endpoint = endpoint(settings, "AWS_ENDPOINT_URL_SESV2");
            let from = settings.text("MAIL_FROM")?.to_owned();
            let connection = connection(settings)?;
            Ok(Box::new(Ses::new(&connection, endpoint.as_deref(), from)))
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
    match chosen_provider(settings)? {
        Provider::BuiltIn if trades => Err(SettingError::malformed(
            "PAYMENT_PROVIDER",
            "must not be built-in where STAGE is prod: that is for tests and takes no money",
        )),
        Provider::BuiltIn => Ok(Box::new(BuiltIn::new(
            db(settings)?,
            table(settings, "PROVIDER_TABLE")?,
        ))),
    }
}

/// Who takes the money.
enum Provider {
    BuiltIn,
}

fn chosen_provider(settings: &Settings) -> Result<Provider, SettingError> {
    match settings.text("PAYMENT_PROVIDER")? {
        "built-in" => Ok(Provider::BuiltIn),
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

/// The tables that an audit reads, and the connection to them. A log of events or a ledger is among them only where the shop
/// has one of its own; a name that nobody knows is an error, and not a shop without one.
pub fn audited(settings: &Settings) -> Result<(Arc<Db>, Tables), SettingError> {
    let bus = match chosen_bus(settings)? {
        Bus::BuiltIn => Some(table(settings, "BUS_TABLE")?),
        Bus::EventBridge => None,
    };
    let provider = match chosen_provider(settings)? {
        Provider::BuiltIn => Some(table(settings, "PROVIDER_TABLE")?),
    };
    let tables = Tables {
        catalogue: table(settings, "CATALOGUE_TABLE")?,
        carts: table(settings, "CARTS_TABLE")?,
        orders: table(settings, "ORDERS_TABLE")?,
        bus,
        provider,
    };
    Ok((db(settings)?, tables))
}

/// The one connection of everything that these settings describe.
fn db(settings: &Settings) -> Result<Arc<Db>, SettingError> {
    settings.db(|| Ok(Arc::new(Db::connect(&connection(settings)?))))
}

/// Another address of a service than the Region's own.
pub(crate) fn endpoint(settings: &Settings, of_service: &str) -> Option<String> {
    store::connection::endpoint(of_service, variables(settings))
}

/// Where AWS is, and who asks.
pub(crate) fn connection(settings: &Settings) -> Result<Connection, SettingError> {
    Connection::from_variables(variables(settings)).map_err(|missing| {
        SettingError::malformed(
            missing.0,
            "is missing: Lambda sets it for every function, elsewhere it must be set",
        )
    })
}

/// Settings as AWS's variables.
fn variables(settings: &Settings) -> impl Fn(&str) -> Option<String> {
    move |name: &str| settings.optional(name).map(str::to_owned)
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

    /// Why there is no bus with these settings beside those of every function.
    fn wrong(own: [(&str, &str); 2]) -> Option<String> {
        let aws = [
            ("AWS_REGION", "eu-north-1"),
            ("AWS_ACCESS_KEY_ID", "id"),
            ("AWS_SECRET_ACCESS_KEY", "secret"),
        ];
        let settings = aws.into_iter().chain(own);
        let settings = settings.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let bus = event_bus(&Settings::from_variables(settings));
        bus.err().map(|error| error.to_string())
    }

    #[test]
    fn a_bus_is_built_in_or_of_eventbridge_and_wants_its_own_name() {
        assert_eq!(wrong([("EVENT_BUS", "built-in"), ("BUS_TABLE", "t")]), None);
        let named = [("EVENT_BUS", "eventbridge"), ("EVENT_BUS_NAME", "a-shop")];
        assert_eq!(wrong(named), None);
        for (bus, name) in [("built-in", "BUS_TABLE"), ("eventbridge", "EVENT_BUS_NAME")] {
            let wrong = wrong([("EVENT_BUS", bus), ("OTHER", "x")]).unwrap();
            assert!(
                wrong.starts_with(&format!("the setting {name} ")),
                "{wrong}"
            );
        }
        let unknown = wrong([("EVENT_BUS", "kafka"), ("BUS_TABLE", "t")]);
        assert_eq!(
            unknown.unwrap(),
            "the setting EVENT_BUS must be built-in or eventbridge"
        );
    }

    #[test]
    fn an_audit_looks_at_what_is_built_in_and_takes_no_misspelt_name_for_what_is_not() {
        let audited_with = |bus: &str, provider: &str| {
            let settings = [
                ("AWS_REGION", "eu-north-1"),
                ("AWS_ACCESS_KEY_ID", "id"),
                ("AWS_SECRET_ACCESS_KEY", "secret"),
                ("CATALOGUE_TABLE", "catalogue"),
                ("CARTS_TABLE", "carts"),
                ("ORDERS_TABLE", "orders"),
                ("BUS_TABLE", "bus"),
                ("PROVIDER_TABLE", "provider"),
                ("EVENT_BUS", bus),
                ("PAYMENT_PROVIDER", provider),
            ];
            let audited = audited(&Settings::from_map(settings));
            audited.map(|(_, tables)| (tables.bus, tables.provider))
        };
        let (bus, provider) = audited_with("built-in", "built-in").ok().unwrap();
        assert_eq!(bus.as_deref(), Some("bus"));
        assert_eq!(provider.as_deref(), Some("provider"));
        let (bus, provider) = audited_with("eventbridge", "built-in").ok().unwrap();
        assert_eq!((bus, provider.as_deref()), (None, Some("provider")));
        for (bus, provider, setting) in [
            ("event-bridge", "built-in", "EVENT_BUS"),
            ("built-in", "builtin", "PAYMENT_PROVIDER"),
        ] {
            let said = audited_with(bus, provider).err().unwrap().to_string();
            assert!(
                said.starts_with(&format!("the setting {setting} must be built-in")),
                "{said}"
            );
        }
    }
}
