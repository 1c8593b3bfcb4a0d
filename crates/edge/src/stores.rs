//! The parts of the store that settings describe. A function asks for those its operation works with and needs the
//! settings of no other.

use std::sync::Arc;

use store::{
    Catalogue, Checkout, Connection, Db, Orders, Users,
    payment::{PaymentProvider, built_in::BuiltIn},
};

use crate::{SettingError, Settings};

/// The users table.
pub fn users(settings: &Settings) -> Result<Users, SettingError> {
    Ok(Users::new(db(settings)?, table(settings, "USERS_TABLE")?))
}

/// The catalogue table.
pub fn catalogue(settings: &Settings) -> Result<Catalogue, SettingError> {
    Ok(Catalogue::new(
        db(settings)?,
        table(settings, "CATALOGUE_TABLE")?,
    ))
}

/// The orders table.
pub fn orders(settings: &Settings) -> Result<Orders, SettingError> {
    Ok(Orders::new(db(settings)?, table(settings, "ORDERS_TABLE")?))
}

/// Orders over the catalogue, by one connection.
pub fn checkout(settings: &Settings) -> Result<Checkout, SettingError> {
    let db = db(settings)?;
    let orders = Orders::new(Arc::clone(&db), table(settings, "ORDERS_TABLE")?);
    Ok(Checkout::new(
        orders,
        Catalogue::new(db, table(settings, "CATALOGUE_TABLE")?),
    ))
}

/// The payment provider.
pub fn payment_provider(settings: &Settings) -> Result<Box<dyn PaymentProvider>, SettingError> {
    match settings.text("PAYMENT_PROVIDER")? {
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

fn db(settings: &Settings) -> Result<Arc<Db>, SettingError> {
    let variable = |name: &str| settings.optional(name).map(str::to_owned);
    let connection = Connection::from_variables(variable).map_err(|missing| {
        SettingError::malformed(
            missing.0,
            "is missing: Lambda sets it for every function, elsewhere it must be set",
        )
    })?;
    Ok(Arc::new(Db::connect(&connection)))
}

fn table(settings: &Settings, name: &str) -> Result<String, SettingError> {
    settings.text(name).map(str::to_owned)
}
