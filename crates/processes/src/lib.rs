//! The shop's functions as processes of one program: each is called as Lambda calls it, and keeps what it remembers.
//!
//! Whoever makes one gives it its settings, and with them the time, the randomness and the DynamoDB that it has.

use std::{marker::PhantomData, rc::Rc, time::Duration};

use edge::{BoxError, Counted, Failed, Problem, Service, SettingError, Settings};
use futures_util::future::LocalBoxFuture;
use lambda_http::{Body, Context, http::HeaderMap};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

/// A process of a function with a route: takes API Gateway's event and gives its answer.
pub trait Serving {
    /// The answer to an event, with so much time for it, if there is an end.
    fn answer<'a>(&'a self, event: &'a str, left: Option<Duration>) -> LocalBoxFuture<'a, Answer>;
}

/// A process of a function without a route: takes an event and gives what it answers.
pub trait Dealing {
    /// What is answered to an event, in an invocation with this id. Whoever hands the event over gives it up in time.
    fn deal<'a>(&'a self, event: &'a str, id: &'a str)
    -> LocalBoxFuture<'a, Result<Value, Failed>>;
}

/// What API Gateway gets.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body; empty if there is none.
    pub text: String,
}

/// A function has no process.
#[derive(Debug, thiserror::Error)]
pub enum NotStarted {
    /// It is not in the table of those that can be called here.
    #[error("{0} can't be called here: it needs a row in crates/processes/src/lib.rs")]
    Unknown(String),
    /// It lacks a setting.
    #[error("{operation} does not start: {source}")]
    Setting {
        /// Which function.
        operation: String,
        /// Why.
        source: SettingError,
    },
}

/// A process of the function with this name, which has a route.
pub fn serving(name: &str, settings: &Settings) -> Result<Rc<dyn Serving>, NotStarted> {
    match name {
        "register-user" => route(name, settings, users::register_user),
        "log-in" => route(name, settings, users::log_in),
        "refresh-session" => route(name, settings, users::refresh_session),
        "log-out" => route(name, settings, users::log_out),
        "start-guest-session" => route(name, settings, users::start_guest_session),
        "get-profile" => route(name, settings, users::get_profile),
        "change-password" => route(name, settings, users::change_password),
        "request-email-verification" => route(name, settings, users::request_email_verification),
        "verify-email" => route(name, settings, users::verify_email),
        "request-password-reset" => route(name, settings, users::request_password_reset),
        "reset-password" => route(name, settings, users::reset_password),
        "delete-user" => route(name, settings, users::delete_user),
        "list-products" => route(name, settings, catalogue::list_products),
        "get-product" => route(name, settings, catalogue::get_product),
        "put-product" => route(name, settings, catalogue::put_product),
        "get-stock" => route(name, settings, catalogue::get_stock),
        "adjust-stock" => route(name, settings, catalogue::adjust_stock),
        "list-stock-movements" => route(name, settings, catalogue::list_stock_movements),
        "buy-product" => route(name, settings, catalogue::buy_product),
        "get-cart" => route(name, settings, cart::get_cart),
        "put-cart-item" => route(name, settings, cart::put_cart_item),
        "remove-cart-item" => route(name, settings, cart::remove_cart_item),
        "merge-cart" => route(name, settings, cart::merge_cart),
        "place-order" => route(name, settings, orders::place_order),
        "get-order" => route(name, settings, orders::get_order),
        "list-orders" => route(name, settings, orders::list_orders),
        "pay-order" => route(name, settings, orders::pay_order),
        "ship-order" => route(name, settings, orders::ship_order),
        "deliver-order" => route(name, settings, orders::deliver_order),
        "cancel-order" => route(name, settings, orders::cancel_order),
        "refund-order" => route(name, settings, orders::refund_order),
        other => Err(NotStarted::Unknown(other.to_owned())),
    }
}

/// A process of the function with this name, which has none.
pub fn dealing(name: &str, settings: &Settings) -> Result<Rc<dyn Dealing>, NotStarted> {
    match name {
        "settle-orders" => consumer(name, settings, orders::settle_orders),
        "publish-order-events" => consumer(name, settings, orders::publish_order_events),
        "send-order-mail" => consumer(name, settings, orders::send_order_mail),
        "send-account-mail" => consumer(name, settings, users::send_account_mail),
        "record-stock-movements" => consumer(name, settings, catalogue::record_stock_movements),
        other => Err(NotStarted::Unknown(other.to_owned())),
    }
}

struct Route<S, B, O> {
    service: S,
    operation: O,
    body: PhantomData<fn(B)>,
}

impl<S, B, T, O> Serving for Route<S, B, O>
where
    O: AsyncFn(&S, edge::Request<B>) -> Result<edge::Response<T>, Problem>,
{
    fn answer<'a>(&'a self, event: &'a str, left: Option<Duration>) -> LocalBoxFuture<'a, Answer> {
        Box::pin(async move {
            let context = Context::default();
            let answer = edge::answer(&self.service, &self.operation, event, context, left).await;
            Answer {
                status: u16::try_from(answer.status_code).unwrap_or_default(),
                headers: answer.headers,
                text: match answer.body {
                    Some(Body::Text(text)) => text,
                    _ => String::new(),
                },
            }
        })
    }
}

struct Consumer<S, O, E> {
    service: S,
    operation: O,
    event: PhantomData<fn(E)>,
}

impl<S, O, E, R, X> Dealing for Consumer<S, O, E>
where
    E: DeserializeOwned,
    R: Counted + Serialize,
    X: Into<BoxError>,
    O: AsyncFn(&S, E) -> Result<R, X>,
{
    fn deal<'a>(
        &'a self,
        event: &'a str,
        id: &'a str,
    ) -> LocalBoxFuture<'a, Result<Value, Failed>> {
        Box::pin(async move {
            let dealt = edge::deal(&self.service, &self.operation, event, id, None).await?;
            Ok(serde_json::to_value(dealt).unwrap_or_default())
        })
    }
}

fn route<S, B, T, O>(
    name: &str,
    settings: &Settings,
    operation: O,
) -> Result<Rc<dyn Serving>, NotStarted>
where
    S: Service + 'static,
    B: 'static,
    T: 'static,
    O: AsyncFn(&S, edge::Request<B>) -> Result<edge::Response<T>, Problem> + 'static,
{
    Ok(Rc::new(Route {
        service: started(name, settings)?,
        operation,
        body: PhantomData,
    }))
}

fn consumer<S, O, E, R, X>(
    name: &str,
    settings: &Settings,
    operation: O,
) -> Result<Rc<dyn Dealing>, NotStarted>
where
    S: Service + 'static,
    E: DeserializeOwned + 'static,
    R: Counted + Serialize + 'static,
    X: Into<BoxError> + 'static,
    O: AsyncFn(&S, E) -> Result<R, X> + 'static,
{
    Ok(Rc::new(Consumer {
        service: started(name, settings)?,
        operation,
        event: PhantomData,
    }))
}

fn started<S: Service>(name: &str, settings: &Settings) -> Result<S, NotStarted> {
    S::from_settings(settings).map_err(|source| NotStarted::Setting {
        operation: name.to_owned(),
        source,
    })
}
