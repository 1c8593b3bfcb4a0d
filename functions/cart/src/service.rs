//! What each operation works with.

use domain::ProductId;
use edge::{HttpRequest, Service, Sessions, SettingError, Settings, carts, catalogue, path_id};
use store::Catalogue;

/// For operations on carts alone.
pub struct Carts {
    pub(crate) sessions: Sessions,
    pub(crate) carts: store::Carts,
}

/// For `put-cart-item`, which looks at what it puts.
pub struct CartItems {
    pub(crate) sessions: Sessions,
    pub(crate) carts: store::Carts,
    pub(crate) catalogue: Catalogue,
}

impl Service for Carts {
    fn from_settings(settings: &Settings) -> Result<Self, SettingError> {
        Ok(Self {
            sessions: Sessions::from_settings(settings)?,
            carts: carts(settings)?,
        })
    }
}

impl Service for CartItems {
    fn from_settings(settings: &Settings) -> Result<Self, SettingError> {
        Ok(Self {
            sessions: Sessions::from_settings(settings)?,
            carts: carts(settings)?,
            catalogue: catalogue(settings)?,
        })
    }
}

/// The product named in the path, if it can be one.
pub(crate) fn product_id(request: &HttpRequest) -> Option<ProductId> {
    ProductId::parse(path_id(request, "product_id"))
}
