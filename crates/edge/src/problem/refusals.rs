//! What the shop's own refusals are called at the edge.

use domain::{
    PlaceOrderError, cart::InvalidQuantity, email::InvalidEmail, new_order::InvalidOrder,
    password::WeakPassword, product::InvalidProduct, stock::InvalidAdjustment, text::FieldError,
};
use store::{
    carts::{CartClosed, PutItemError, merge::MergeError},
    catalogue::{ProductNotFound, adjust::AdjustError},
    deletion::DeleteUserError,
    links::InvalidLink,
    orders::{OrderNotFound, advance::AdvanceError, pay::PayError},
    sessions::InvalidRefreshToken,
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
            PlaceOrderError::AccountDeleted => Self::new(Slug::Unauthenticated),
            PlaceOrderError::EmptyCart => Self::new(Slug::EmptyCart),
            PlaceOrderError::CartChanged {
                order_id,
                cart_version,
            } => {
                let problem = Self::new(Slug::CartChanged).member("cart_version", cart_version);
                match order_id {
                    Some(order_id) => problem
                        .detail(
                            "This cart was ordered already: the member order_id names the order.",
                        )
                        .member("order_id", order_id),
                    None => problem,
                }
            }
            // What has the wrong shape, not the wrong meaning.
            PlaceOrderError::Invalid(reason @ InvalidOrder::ItemsOrCart) => {
                Self::new(Slug::InvalidBody).detail(sentence(&reason))
            }
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

impl From<InvalidQuantity> for Problem {
    fn from(_: InvalidQuantity) -> Self {
        Self::new(Slug::InvalidQuantity)
    }
}

impl From<CartClosed> for Problem {
    fn from(_: CartClosed) -> Self {
        Self::new(Slug::Unauthenticated)
    }
}

impl From<PutItemError> for Problem {
    fn from(refusal: PutItemError) -> Self {
        match refusal {
            PutItemError::Closed(closed) => closed.into(),
            PutItemError::ProductNotFound => Self::new(Slug::ProductNotFound),
            PutItemError::Full => Self::new(Slug::CartFull),
        }
    }
}

impl From<MergeError> for Problem {
    fn from(refusal: MergeError) -> Self {
        match refusal {
            MergeError::Closed(closed) => closed.into(),
            MergeError::GuestEnded => Self::new(Slug::InvalidGuestToken),
        }
    }
}

impl From<InvalidLink> for Problem {
    fn from(_: InvalidLink) -> Self {
        Self::new(Slug::InvalidLink)
    }
}

impl From<InvalidRefreshToken> for Problem {
    fn from(_: InvalidRefreshToken) -> Self {
        Self::new(Slug::InvalidRefreshToken)
    }
}

impl From<DeleteUserError> for Problem {
    fn from(refusal: DeleteUserError) -> Self {
        match refusal {
            DeleteUserError::OpenOrders { order_ids } => {
                Self::new(Slug::OpenOrders).member("order_ids", order_ids)
            }
            DeleteUserError::Staff => Self::new(Slug::Forbidden),
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
            PayError::AccountDeleted => Self::new(Slug::Unauthenticated),
            PayError::Declined => Self::new(Slug::PaymentDeclined),
            PayError::Expired => Self::new(Slug::OrderExpired),
            PayError::TooManyDeclined(refusal) => refusal.into(),
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
