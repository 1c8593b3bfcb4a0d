//! A function's processes. As on Lambda each serves one request at a time and keeps a memory of its own; a request that
//! finds none idle starts another.

use std::{cell::RefCell, collections::BTreeMap, rc::Rc, time::Duration};

use aws_sdk_dynamodb::Client;
use edge::{BoxError, Counted, Failed, Random, Service, Settings};
use futures_util::future::LocalBoxFuture;
use lambda_http::{Body, Context};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use store::Db;

use crate::{Reply, shop::World};

/// A process of a function with a route: takes API Gateway's event and gives its answer.
pub(crate) trait Process {
    fn answer<'a>(&'a self, event: &'a str, timeout: Duration) -> LocalBoxFuture<'a, Reply>;
}

/// A process of a function without a route: takes an event and gives what it answers.
pub(crate) trait Consumer {
    fn deal<'a>(&'a self, event: &'a str) -> LocalBoxFuture<'a, Result<Value, Failed>>;
}

struct Serving<S, B, O> {
    service: S,
    operation: O,
    body: std::marker::PhantomData<fn(B)>,
}

impl<S, B, T, O> Process for Serving<S, B, O>
where
    O: AsyncFn(&S, edge::Request<B>) -> Result<edge::Response<T>, edge::Problem>,
{
    fn answer<'a>(&'a self, event: &'a str, timeout: Duration) -> LocalBoxFuture<'a, Reply> {
        Box::pin(async move {
            let (service, operation) = (&self.service, &self.operation);
            let context = Context::default();
            let answer = edge::answer(service, operation, event, context, Some(timeout)).await;
            let text = match answer.body {
                Some(Body::Text(text)) => text,
                _ => String::new(),
            };
            Reply {
                status: u16::try_from(answer.status_code).unwrap_or_default(),
                text,
                replayed: answer.headers.contains_key("idempotent-replayed"),
            }
        })
    }
}

struct Dealing<S, O, E> {
    service: S,
    operation: O,
    event: std::marker::PhantomData<fn(E)>,
}

impl<S, O, E, R, X> Consumer for Dealing<S, O, E>
where
    E: DeserializeOwned,
    R: Serialize + Counted,
    X: Into<BoxError>,
    O: AsyncFn(&S, E) -> Result<R, X>,
{
    fn deal<'a>(&'a self, event: &'a str) -> LocalBoxFuture<'a, Result<Value, Failed>> {
        Box::pin(async move {
            let (service, operation) = (&self.service, &self.operation);
            // Whoever hands the event over gives it up in time.
            let dealt = edge::deal(service, operation, event, "simulated", None).await?;
            Ok(serde_json::to_value(dealt).unwrap_or_default())
        })
    }
}

/// Every function's processes.
pub(crate) struct Processes {
    world: Rc<World>,
    idle: RefCell<BTreeMap<&'static str, Vec<Rc<dyn Process>>>>,
    started: RefCell<BTreeMap<&'static str, u64>>,
}

impl Processes {
    pub(crate) fn new(world: Rc<World>) -> Self {
        Self {
            world,
            idle: RefCell::default(),
            started: RefCell::default(),
        }
    }

    /// An idle process of a function, or a new one.
    pub(crate) fn take(&self, operation: &'static str) -> Rc<dyn Process> {
        let idle = self.idle.borrow_mut().get_mut(operation).and_then(Vec::pop);
        idle.unwrap_or_else(|| self.start(operation))
    }

    /// Gives a process back that has answered.
    pub(crate) fn give_back(&self, operation: &'static str, process: Rc<dyn Process>) {
        let mut idle = self.idle.borrow_mut();
        idle.entry(operation).or_default().push(process);
    }

    /// Forgets all idle processes, as a deployment does.
    pub(crate) fn replace_all(&self) {
        self.idle.borrow_mut().clear();
    }

    /// How many processes of a function were started so far.
    pub(crate) fn started(&self, operation: &str) -> u64 {
        self.started
            .borrow()
            .get(operation)
            .copied()
            .unwrap_or_default()
    }

    fn start(&self, operation: &'static str) -> Rc<dyn Process> {
        match operation {
            "register-user" => self.serving(operation, users::register_user),
            "log-in" => self.serving(operation, users::log_in),
            "refresh-session" => self.serving(operation, users::refresh_session),
            "log-out" => self.serving(operation, users::log_out),
            "start-guest-session" => self.serving(operation, users::start_guest_session),
            "get-profile" => self.serving(operation, users::get_profile),
            "change-password" => self.serving(operation, users::change_password),
            "request-email-verification" => {
                self.serving(operation, users::request_email_verification)
            }
            "verify-email" => self.serving(operation, users::verify_email),
            "request-password-reset" => self.serving(operation, users::request_password_reset),
            "reset-password" => self.serving(operation, users::reset_password),
            "delete-user" => self.serving(operation, users::delete_user),
            "list-products" => self.serving(operation, catalogue::list_products),
            "get-product" => self.serving(operation, catalogue::get_product),
            "put-product" => self.serving(operation, catalogue::put_product),
            "get-stock" => self.serving(operation, catalogue::get_stock),
            "adjust-stock" => self.serving(operation, catalogue::adjust_stock),
            "list-stock-movements" => self.serving(operation, catalogue::list_stock_movements),
            "buy-product" => self.serving(operation, catalogue::buy_product),
            "get-cart" => self.serving(operation, cart::get_cart),
            "put-cart-item" => self.serving(operation, cart::put_cart_item),
            "remove-cart-item" => self.serving(operation, cart::remove_cart_item),
            "merge-cart" => self.serving(operation, cart::merge_cart),
            "place-order" => self.serving(operation, orders::place_order),
            "get-order" => self.serving(operation, orders::get_order),
            "list-orders" => self.serving(operation, orders::list_orders),
            "pay-order" => self.serving(operation, orders::pay_order),
            "ship-order" => self.serving(operation, orders::ship_order),
            "deliver-order" => self.serving(operation, orders::deliver_order),
            "cancel-order" => self.serving(operation, orders::cancel_order),
            "refund-order" => self.serving(operation, orders::refund_order),
            other => panic!("{other} has no route"),
        }
    }

    /// A new process of a function without a route.
    pub(crate) fn consumer(&self, operation: &'static str) -> Rc<dyn Consumer> {
        match operation {
            "settle-orders" => self.dealing(operation, orders::settle_orders),
            "publish-order-events" => self.dealing(operation, orders::publish_order_events),
            "send-account-mail" => self.dealing(operation, users::send_account_mail),
            "send-order-mail" => self.dealing(operation, orders::send_order_mail),
            "record-stock-movements" => self.dealing(operation, catalogue::record_stock_movements),
            other => panic!("{other} takes no events"),
        }
    }

    fn serving<S, B, T, O>(&self, name: &'static str, operation: O) -> Rc<dyn Process>
    where
        S: Service + 'static,
        B: 'static,
        T: 'static,
        O: AsyncFn(&S, edge::Request<B>) -> Result<edge::Response<T>, edge::Problem> + 'static,
    {
        let service = self.service(name);
        let body = std::marker::PhantomData;
        Rc::new(Serving {
            service,
            operation,
            body,
        })
    }

    fn dealing<S, O, E, R, X>(&self, name: &'static str, operation: O) -> Rc<dyn Consumer>
    where
        S: Service + 'static,
        E: DeserializeOwned + 'static,
        R: Serialize + Counted + 'static,
        X: Into<BoxError> + 'static,
        O: AsyncFn(&S, E) -> Result<R, X> + 'static,
    {
        let service = self.service(name);
        let event = std::marker::PhantomData;
        Rc::new(Dealing {
            service,
            operation,
            event,
        })
    }

    fn service<S: Service>(&self, name: &'static str) -> S {
        let service = S::from_settings(&self.settings(name));
        service.unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// The settings that the template gives a function, with this world around it.
    fn settings(&self, name: &'static str) -> Settings {
        let number = {
            let mut started = self.started.borrow_mut();
            let of_function = started.entry(name).or_default();
            *of_function += 1;
            *of_function
        };
        let World {
            world, template, ..
        } = &*self.world;
        let process = format!("{name}-{number}");
        let config = store::Connection::local("http://dynamodb.invalid").config();
        let config = world.configure(&process, config);
        let clock = world.clock_of(&process);
        let db = Db::new(Client::from_conf(config.build()), clock.clone());
        let operation = template.operation(name);
        let environment = operation.map(|it| it.environment.clone());
        let environment = environment.unwrap_or_default().into_iter().collect();
        let clock = crate::shop::as_clock(clock);
        let random = {
            let world = world.clone();
            Random::simulated(move |bytes| world.fill(bytes))
        };
        Settings::simulated(environment, db.into(), clock, random)
    }
}
