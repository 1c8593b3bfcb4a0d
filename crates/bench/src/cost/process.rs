//! Functions as processes of this program: each is called as Lambda calls it, and keeps what it remembers.

use std::{marker::PhantomData, rc::Rc};

use edge::{BoxError, Counted, Failed, Problem, Service, Settings};
use futures_util::future::LocalBoxFuture;
use lambda_http::{Body, Context};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::{error::CostError, request::Reply};

/// A function with a route: takes API Gateway's event and gives its answer.
pub trait Serving {
    /// The answer to an event.
    fn answer<'a>(&'a self, event: &'a str) -> LocalBoxFuture<'a, Reply>;
}

/// A function without a route: takes an event and gives what it answers.
pub trait Dealing {
    /// What is answered to an event, in an invocation with this id.
    fn deal<'a>(&'a self, event: &'a str, id: &'a str)
    -> LocalBoxFuture<'a, Result<Value, Failed>>;
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
    fn answer<'a>(&'a self, event: &'a str) -> LocalBoxFuture<'a, Reply> {
        Box::pin(async move {
            let context = Context::default();
            let answer = edge::answer(&self.service, &self.operation, event, context, None).await;
            let status = u16::try_from(answer.status_code).unwrap_or_default();
            let text = match answer.body {
                Some(Body::Text(text)) => text,
                _ => String::new(),
            };
            let headers = answer.headers.iter();
            Reply::new(
                status,
                text,
                headers.map(|(name, value)| (name.as_str().len(), value.len())),
            )
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

/// A process of the function with this name, which has a route.
pub fn serving(name: &str, settings: &Settings) -> Result<Rc<dyn Serving>, CostError> {
    match name {
        "register-user" => route(name, settings, users::register_user),
        "verify-email" => route(name, settings, users::verify_email),
        "log-in" => route(name, settings, users::log_in),
        "start-guest-session" => route(name, settings, users::start_guest_session),
        "list-products" => route(name, settings, catalogue::list_products),
        "get-product" => route(name, settings, catalogue::get_product),
        "put-product" => route(name, settings, catalogue::put_product),
        "adjust-stock" => route(name, settings, catalogue::adjust_stock),
        "get-cart" => route(name, settings, cart::get_cart),
        "put-cart-item" => route(name, settings, cart::put_cart_item),
        "merge-cart" => route(name, settings, cart::merge_cart),
        "place-order" => route(name, settings, orders::place_order),
        "get-order" => route(name, settings, orders::get_order),
        "pay-order" => route(name, settings, orders::pay_order),
        "cancel-order" => route(name, settings, orders::cancel_order),
        "ship-order" => route(name, settings, orders::ship_order),
        "deliver-order" => route(name, settings, orders::deliver_order),
        "refund-order" => route(name, settings, orders::refund_order),
        other => Err(CostError::NoProcess(other.to_owned())),
    }
}

/// A process of the function with this name, which has none.
pub fn dealing(name: &str, settings: &Settings) -> Result<Rc<dyn Dealing>, CostError> {
    match name {
        "settle-orders" => consumer(name, settings, orders::settle_orders),
        "publish-order-events" => consumer(name, settings, orders::publish_order_events),
        "send-order-mail" => consumer(name, settings, orders::send_order_mail),
        "send-account-mail" => consumer(name, settings, users::send_account_mail),
        "record-stock-movements" => consumer(name, settings, catalogue::record_stock_movements),
        other => Err(CostError::NoProcess(other.to_owned())),
    }
}

fn route<S, B, T, O>(
    name: &str,
    settings: &Settings,
    operation: O,
) -> Result<Rc<dyn Serving>, CostError>
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
) -> Result<Rc<dyn Dealing>, CostError>
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

fn started<S: Service>(name: &str, settings: &Settings) -> Result<S, CostError> {
    S::from_settings(settings).map_err(|source| CostError::NotStarted {
        operation: name.to_owned(),
        source,
    })
}
