//! What each operation works with, and no more: a function that touches no stock is given no catalogue.

use edge::{
    CursorKey, Limits, Service, Sessions, SettingError, Settings, carts, checkout, event_bus,
    mailer, orders, payment_provider, users,
};
use store::{Carts, Checkout, Users, bus::EventBus, mail::Mailer, payment::PaymentProvider};

/// For `place-order`.
pub struct OrderPlacing {
    pub(crate) sessions: Sessions,
    pub(crate) checkout: Checkout,
    pub(crate) carts: Carts,
}

/// For operations that return stock.
pub struct Checkouts {
    pub(crate) sessions: Sessions,
    pub(crate) checkout: Checkout,
}

/// For operations that touch orders alone.
pub struct Orders {
    pub(crate) sessions: Sessions,
    pub(crate) orders: store::Orders,
}

/// For `list-orders`.
pub struct OrderLists {
    pub(crate) sessions: Sessions,
    pub(crate) orders: store::Orders,
    pub(crate) cursor_key: CursorKey,
}

/// For `pay-order`.
pub struct Payments {
    pub(crate) sessions: Sessions,
    pub(crate) orders: store::Orders,
    pub(crate) provider: Box<dyn PaymentProvider>,
    pub(crate) limits: Limits,
}

/// For `settle-orders`.
pub struct Settling {
    pub(crate) checkout: Checkout,
    pub(crate) provider: Box<dyn PaymentProvider>,
}

/// For the consumer of the table's stream.
pub struct Events {
    pub(crate) bus: Box<dyn EventBus>,
}

/// For whoever listens to the event bus and writes to customers.
pub struct OrderMail {
    pub(crate) orders: store::Orders,
    pub(crate) users: Users,
    pub(crate) mailer: Box<dyn Mailer>,
    /// The address of the site that shows orders, if there is one.
    pub(crate) site: Option<String>,
}

impl Service for OrderPlacing {
    fn from_settings(settings: &Settings) -> Result<Self, SettingError> {
        Ok(Self {
            sessions: Sessions::from_settings(settings)?,
            checkout: checkout(settings)?,
            carts: carts(settings)?,
        })
    }
}

impl Service for Events {
    fn from_settings(settings: &Settings) -> Result<Self, SettingError> {
        Ok(Self {
            bus: event_bus(settings)?,
        })
    }
}

impl Service for OrderMail {
    fn from_settings(settings: &Settings) -> Result<Self, SettingError> {
        Ok(Self {
            orders: orders(settings)?,
            users: users(settings)?,
            mailer: mailer(settings)?,
            site: settings.optional("SITE_URL").map(str::to_owned),
        })
    }
}

impl Service for Checkouts {
    fn from_settings(settings: &Settings) -> Result<Self, SettingError> {
        Ok(Self {
            sessions: Sessions::from_settings(settings)?,
            checkout: checkout(settings)?,
        })
    }
}

impl Service for Orders {
    fn from_settings(settings: &Settings) -> Result<Self, SettingError> {
        Ok(Self {
            sessions: Sessions::from_settings(settings)?,
            orders: orders(settings)?,
        })
    }
}

impl Service for OrderLists {
    fn from_settings(settings: &Settings) -> Result<Self, SettingError> {
        Ok(Self {
            sessions: Sessions::from_settings(settings)?,
            orders: orders(settings)?,
            cursor_key: CursorKey::from_settings(settings)?,
        })
    }
}

impl Service for Payments {
    fn from_settings(settings: &Settings) -> Result<Self, SettingError> {
        Ok(Self {
            sessions: Sessions::from_settings(settings)?,
            orders: orders(settings)?,
            provider: payment_provider(settings)?,
            limits: Limits::from_settings(settings)?,
        })
    }
}

impl Service for Settling {
    fn from_settings(settings: &Settings) -> Result<Self, SettingError> {
        Ok(Self {
            checkout: checkout(settings)?,
            provider: payment_provider(settings)?,
        })
    }
}
