//! A function's processes. As on Lambda each serves one request at a time and keeps a memory of its own; a request that
//! finds none idle starts another.

use std::{cell::RefCell, collections::BTreeMap, rc::Rc};

use aws_sdk_dynamodb::Client;
use edge::{Service, Settings};
use futures_util::future::LocalBoxFuture;
use lambda_http::{Body, Context};
use store::Db;

use crate::{Reply, shop::World};

/// A process: takes API Gateway's event and gives its answer.
pub(crate) trait Process {
    fn answer<'a>(&'a self, event: &'a str) -> LocalBoxFuture<'a, Reply>;
}

struct Serving<S, O> {
    service: S,
    operation: O,
}

impl<S, O> Process for Serving<S, O>
where
    O: AsyncFn(&S, edge::Request) -> Result<edge::Response, edge::Problem>,
{
    fn answer<'a>(&'a self, event: &'a str) -> LocalBoxFuture<'a, Reply> {
        Box::pin(async move {
            let context = Context::default();
            let answer = edge::answer(&self.service, &self.operation, event, context).await;
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

/// Every function's processes.
pub(crate) struct Processes {
    world: Rc<World>,
    idle: RefCell<BTreeMap<&'static str, Vec<Rc<dyn Process>>>>,
    started: RefCell<u64>,
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

    fn start(&self, operation: &'static str) -> Rc<dyn Process> {
        match operation {
            "register-user" => self.serving(operation, users::register_user),
            "log-in" => self.serving(operation, users::log_in),
            "refresh-session" => self.serving(operation, users::refresh_session),
            "delete-user" => self.serving(operation, users::delete_user),
            "put-product" => self.serving(operation, catalogue::put_product),
            "get-stock" => self.serving(operation, catalogue::get_stock),
            "adjust-stock" => self.serving(operation, catalogue::adjust_stock),
            "buy-product" => self.serving(operation, catalogue::buy_product),
            "get-cart" => self.serving(operation, cart::get_cart),
            "put-cart-item" => self.serving(operation, cart::put_cart_item),
            "remove-cart-item" => self.serving(operation, cart::remove_cart_item),
            "merge-cart" => self.serving(operation, cart::merge_cart),
            "place-order" => self.serving(operation, orders::place_order),
            "get-order" => self.serving(operation, orders::get_order),
            "pay-order" => self.serving(operation, orders::pay_order),
            "ship-order" => self.serving(operation, orders::ship_order),
            "deliver-order" => self.serving(operation, orders::deliver_order),
            "cancel-order" => self.serving(operation, orders::cancel_order),
            "refund-order" => self.serving(operation, orders::refund_order),
            other => panic!("{other} does not run in simulated time yet"),
        }
    }

    fn serving<S, O>(&self, name: &'static str, operation: O) -> Rc<dyn Process>
    where
        S: Service + 'static,
        O: AsyncFn(&S, edge::Request) -> Result<edge::Response, edge::Problem> + 'static,
    {
        let service = S::from_settings(&self.settings(name));
        let service = service.unwrap_or_else(|error| panic!("{name}: {error}"));
        Rc::new(Serving { service, operation })
    }

    /// The settings that the template gives a function, with this world around it.
    pub(crate) fn settings(&self, name: &str) -> Settings {
        let number = {
            let mut started = self.started.borrow_mut();
            *started += 1;
            *started
        };
        let World {
            world, template, ..
        } = &*self.world;
        let config = store::Connection::local("http://dynamodb.invalid").config();
        let config = world.configure(&format!("{name}-{number}"), config);
        let db = Db::new(Client::from_conf(config.build()), world.clock());
        let operation = template.operation(name);
        let environment = operation.map(|it| it.environment.clone());
        let environment = environment.unwrap_or_default().into_iter().collect();
        Settings::simulated(environment, db.into(), self.world.clock())
    }
}
