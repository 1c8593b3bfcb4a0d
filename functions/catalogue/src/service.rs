//! What each operation works with.

use domain::ProductId;
use edge::{
    CursorKey, HttpRequest, Problem, Service, Sessions, SettingError, Settings, catalogue,
    checkout, path_id,
};
use store::{Catalogue, Checkout, catalogue::ProductNotFound};

/// For operations on single products and their stock.
pub struct Products {
    pub(crate) sessions: Sessions,
    pub(crate) catalogue: Catalogue,
}

/// For lists.
pub struct Lists {
    pub(crate) sessions: Sessions,
    pub(crate) catalogue: Catalogue,
    pub(crate) cursor_key: CursorKey,
}

/// For `buy-product`.
pub struct Purchases {
    pub(crate) sessions: Sessions,
    pub(crate) checkout: Checkout,
}

/// For the consumer of the table's stream.
pub struct Stream {
    pub(crate) catalogue: Catalogue,
}

impl Service for Products {
    fn from_settings(settings: &Settings) -> Result<Self, SettingError> {
        Ok(Self {
            sessions: Sessions::from_settings(settings)?,
            catalogue: catalogue(settings)?,
        })
    }
}

impl Service for Lists {
    fn from_settings(settings: &Settings) -> Result<Self, SettingError> {
        Ok(Self {
            sessions: Sessions::from_settings(settings)?,
            catalogue: catalogue(settings)?,
            cursor_key: CursorKey::from_settings(settings)?,
        })
    }
}

impl Service for Purchases {
    fn from_settings(settings: &Settings) -> Result<Self, SettingError> {
        Ok(Self {
            sessions: Sessions::from_settings(settings)?,
            checkout: checkout(settings)?,
        })
    }
}

impl Service for Stream {
    fn from_settings(settings: &Settings) -> Result<Self, SettingError> {
        Ok(Self {
            catalogue: catalogue(settings)?,
        })
    }
}

/// The product named in the path. What can't be an id names none.
pub(crate) fn product_id(request: &HttpRequest) -> Result<ProductId, Problem> {
    Ok(ProductId::parse(path_id(request, "product_id")).ok_or(ProductNotFound)?)
}
