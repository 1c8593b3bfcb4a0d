//! The one table of problems.

use lambda_http::http::StatusCode;

macro_rules! slugs {
    ($($name:ident $slug:literal $status:ident $title:literal $detail:literal;)*) => {
        /// What went wrong, as a client's program reads it: the last part of a problem's `type`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Slug {
            $(#[doc = $title] $name,)*
        }

        impl Slug {
            /// Every slug there is.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// Its text.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $slug,)* }
            }

            /// The status of an answer with it.
            pub fn status(self) -> StatusCode {
                match self { $(Self::$name => StatusCode::$status,)* }
            }

            /// The problem in a few words, always the same.
            pub fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)* }
            }

            /// The sentence for a client when there is nothing more exact to say.
            pub fn detail(self) -> &'static str {
                match self { $(Self::$name => $detail,)* }
            }
        }
    };
}

slugs! {
    // The request as such
    InvalidBody "invalid-body" BAD_REQUEST "Invalid body"
        "The request's body is not what this operation takes.";
    BodyTooLarge "body-too-large" PAYLOAD_TOO_LARGE "Body too large"
        "The request's body is larger than 64 KiB.";
    UnsupportedMediaType "unsupported-media-type" UNSUPPORTED_MEDIA_TYPE "Unsupported media type"
        "The request's body must be sent with Content-Type: application/json.";
    InvalidParameter "invalid-parameter" BAD_REQUEST "Invalid parameter"
        "A parameter of the query is not what this operation takes.";
    InvalidCursor "invalid-cursor" BAD_REQUEST "Invalid cursor"
        "The cursor is not one this list gave you for this query: start again without it.";
    IdempotencyKeyMissing "idempotency-key-missing" BAD_REQUEST "Idempotency-Key missing"
        "This operation needs an Idempotency-Key header: a name of your choice for this one request.";
    InvalidIdempotencyKey "invalid-idempotency-key" BAD_REQUEST "Invalid Idempotency-Key"
        "The Idempotency-Key must be one value of 1 to 255 visible ASCII characters.";
    IdempotencyKeyReused "idempotency-key-reused" UNPROCESSABLE_ENTITY "Idempotency-Key reused"
        "This Idempotency-Key already named another request: use a new one.";

    // Who is asking
    Unauthenticated "unauthenticated" UNAUTHORIZED "Not signed in"
        "This operation needs a valid access token: log in and send it as Authorization: Bearer.";
    Forbidden "forbidden" FORBIDDEN "Not allowed"
        "This session may not do this: customers, staff and guests may do different things.";

    // Users
    EmailTaken "email-taken" CONFLICT "E-mail address taken"
        "There is already an account with this e-mail address.";
    InvalidEmail "invalid-email" UNPROCESSABLE_ENTITY "Invalid e-mail address"
        "This can't be an e-mail address.";
    WeakPassword "weak-password" UNPROCESSABLE_ENTITY "Weak password"
        "The password must be 12 to 1024 characters long and not easy to guess.";
    InvalidCredentials "invalid-credentials" UNAUTHORIZED "Invalid credentials"
        "The e-mail address or the password is wrong.";
    InvalidRefreshToken "invalid-refresh-token" UNAUTHORIZED "Invalid refresh token"
        "The refresh token is not good, or no longer: log in again.";
    InvalidLink "invalid-link" UNPROCESSABLE_ENTITY "Invalid link"
        "The link is not good, or no longer: have a new one sent.";
    OpenOrders "open-orders" CONFLICT "Open orders"
        "The listed orders are paid or on their way: delete the account once they have arrived or are called off.";
    TooManyAttempts "too-many-attempts" TOO_MANY_REQUESTS "Too many attempts"
        "There were too many attempts: try again later.";

    // Catalogue
    ProductNotFound "product-not-found" NOT_FOUND "Product not found"
        "There is no such product.";
    InvalidProduct "invalid-product" UNPROCESSABLE_ENTITY "Invalid product"
        "The product breaks a rule of the catalogue.";
    InsufficientStock "insufficient-stock" CONFLICT "Insufficient stock"
        "There are fewer pieces in stock than the adjustment takes away.";

    // Cart
    CartFull "cart-full" UNPROCESSABLE_ENTITY "Cart full"
        "A cart holds at most 50 different products: take one out first, or order what is in it.";
    InvalidGuestToken "invalid-guest-token" UNPROCESSABLE_ENTITY "Invalid guest token"
        "This is no token of a guest's session whose cart could go into yours.";
    CartChanged "cart-changed" CONFLICT "Cart changed"
        "The cart is not the one you saw: look at it, and order it again if you like.";
    EmptyCart "empty-cart" UNPROCESSABLE_ENTITY "Empty cart"
        "There is nothing in the cart.";

    // Orders
    InvalidQuantity "invalid-quantity" UNPROCESSABLE_ENTITY "Invalid quantity"
        "The quantity must be a whole number from 1 to 99.";
    OutOfStock "out-of-stock" CONFLICT "Out of stock"
        "There are not enough pieces of the listed products.";
    PriceChanged "price-changed" CONFLICT "Price changed"
        "The price of the listed products is another than the one you were quoted.";
    ProductUnavailable "product-unavailable" CONFLICT "Product unavailable"
        "The listed products can't be bought.";
    InvalidOrder "invalid-order" UNPROCESSABLE_ENTITY "Invalid order"
        "The order breaks a rule of the shop.";
    OrderNotFound "order-not-found" NOT_FOUND "Order not found"
        "There is no such order.";
    PaymentDeclined "payment-declined" PAYMENT_REQUIRED "Payment declined"
        "The payment was declined and nothing was charged: try another means of payment with a new Idempotency-Key.";
    InvalidTransition "invalid-transition" CONFLICT "Invalid transition"
        "The order's status does not allow this.";
    PaymentPending "payment-pending" CONFLICT "Payment pending"
        "The outcome of an earlier payment of this order is not known yet: repeat that one, or wait.";
    OrderExpired "order-expired" GONE "Order expired"
        "The order was not paid in time.";

    // Our side. These details never change, and the cause is in the log alone.
    Busy "busy" SERVICE_UNAVAILABLE "Busy"
        "The shop is busy and nothing was changed: try again.";
    OutcomeUnknown "outcome-unknown" SERVICE_UNAVAILABLE "Outcome unknown"
        "It is not known whether this took effect: repeat the request, with the same Idempotency-Key if it had one.";
    InternalError "internal-error" INTERNAL_SERVER_ERROR "Internal error"
        "Something went wrong on our side: if it stays so, tell us the instance of this problem.";
}

impl Slug {
    /// The whole seconds after which a client may try again, where that helps.
    pub(super) fn retry_after(self) -> Option<u32> {
        match self {
            Self::Busy | Self::OutcomeUnknown => Some(1),
            // The length of the window in which failures are counted.
            Self::TooManyAttempts => Some(15 * 60),
            _ => None,
        }
    }
}
