//! What the shop's own refusals are called at the edge.

use domain::{
    PlaceOrderError, email::InvalidEmail, password::WeakPassword, product::InvalidProduct,
    stock::InvalidAdjustment, text::FieldError,
};
use store::{
    catalogue::{ProductNotFound, adjust::AdjustError},
    orders::{OrderNotFound, advance::AdvanceError, pay::PayError},
    throttle::TooManyAttempts,
    users::EmailTaken,
};

use super::{Problem, Slug, sentence};

impl From<FieldError> for Problem {
    fn from(reason: FieldError) -> Self {
        Self::new(Slug::InvalidBody).detail(sentence(&reason))
    }
}

impl From<InvalidAdjustment> for Problem {
    fn from(reason: InvalidAdjustment) -> Self {
        Self::new(Slug::InvalidBody).detail(sentence(&reason))
    }
}

impl From<InvalidEmail> for Problem {
    fn from(reason: InvalidEmail) -> Self {
        Self::new(Slug::InvalidEmail).detail(sentence(&reason))
    }
}

impl From<WeakPassword> for Problem {
    fn from(reason: WeakPassword) -> Self {
        Self::new(Slug::WeakPassword).detail(sentence(&reason))
    }
}

impl From<EmailTaken> for Problem {
    fn from(_: EmailTaken) -> Self {
        Self::new(Slug::EmailTaken)
    }
}

impl From<TooManyAttempts> for Problem {
    fn from(refusal: TooManyAttempts) -> Self {
        let seconds = u32::try_from(refusal.retry_after).unwrap_or(u32::MAX);
        Self::new(Slug::TooManyAttempts).retry_after(seconds)
    }
}

impl From<InvalidProduct> for Problem {
    fn from(reason: InvalidProduct) -> Self {
        Self::new(Slug::InvalidProduct).detail(sentence(&reason))
    }
}

impl From<ProductNotFound> for Problem {
    fn from(_: ProductNotFound) -> Self {
        Self::new(Slug::ProductNotFound)
    }
}

impl From<OrderNotFound> for Problem {
    fn from(_: OrderNotFound) -> Self {
        Self::new(Slug::OrderNotFound)
    }
}

impl From<AdjustError> for Problem {
    fn from(refusal: AdjustError) -> Self {
        match refusal {
            AdjustError::NotFound => Self::new(Slug::ProductNotFound),
            AdjustError::KeyReused => Self::new(Slug::IdempotencyKeyReused),
            AdjustError::Insufficient { available } => {
                Self::new(Slug::InsufficientStock).member("available", available)
            }
        }
    }
}

impl From<PlaceOrderError> for Problem {
    fn from(refusal: PlaceOrderError) -> Self {
        match refusal {
            PlaceOrderError::KeyReused => Self::new(Slug::IdempotencyKeyReused),
            PlaceOrderError::Invalid(reason) => {
                Self::new(Slug::InvalidOrder).detail(sentence(&reason))
            }
            PlaceOrderError::ProductUnavailable { product_ids } => {
                Self::new(Slug::ProductUnavailable).member("product_ids", product_ids)
            }
            PlaceOrderError::PriceChanged { items } => {
                Self::new(Slug::PriceChanged).member("items", items)
            }
            PlaceOrderError::OutOfStock { items } => {
                Self::new(Slug::OutOfStock).member("items", items)
            }
        }
    }
}

impl From<AdvanceError> for Problem {
    fn from(refusal: AdvanceError) -> Self {
        match refusal {
            AdvanceError::NotFound => Self::new(Slug::OrderNotFound),
            AdvanceError::Refused { status, .. } => Self::new(Slug::InvalidTransition)
                .detail(sentence(&refusal))
                .member("order_status", status),
        }
    }
}

impl From<PayError> for Problem {
    fn from(refusal: PayError) -> Self {
        match refusal {
            PayError::NotFound => Self::new(Slug::OrderNotFound),
            PayError::KeyReused => Self::new(Slug::IdempotencyKeyReused),
            PayError::Declined => Self::new(Slug::PaymentDeclined),
            PayError::Expired => Self::new(Slug::OrderExpired),
            PayError::Pending => Self::new(Slug::PaymentPending),
            PayError::Unreachable => Self::new(Slug::Busy).caused_by(refusal),
            PayError::Refused { status } => Self::new(Slug::InvalidTransition)
                .detail(sentence(&refusal))
                .member("order_status", status),
            PayError::TooManyCharges => Self::new(Slug::InvalidTransition)
                .detail(sentence(&refusal))
                .member("order_status", domain::OrderStatus::Placed),
        }
    }
}
