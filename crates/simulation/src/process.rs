//! A function's processes. As on Lambda each serves one request at a time and keeps a memory of its own; a request that
//! finds none idle starts another.

use std::{cell::RefCell, collections::BTreeMap, rc::Rc};

use aws_sdk_dynamodb::Client;
use edge::{Random, Settings};
use processes::{Dealing, Serving, dealing, serving};
use store::Db;

use crate::shop::World;

/// Every function's processes.
pub(crate) struct Processes {
    world: Rc<World>,
    idle: RefCell<BTreeMap<&'static str, Vec<Rc<dyn Serving>>>>,
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
    pub(crate) fn take(&self, operation: &'static str) -> Rc<dyn Serving> {
        let idle = self.idle.borrow_mut().get_mut(operation).and_then(Vec::pop);
        idle.unwrap_or_else(|| self.start(operation))
    }

    /// Gives a process back that has answered.
    pub(crate) fn give_back(&self, operation: &'static str, process: Rc<dyn Serving>) {
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

    fn start(&self, operation: &'static str) -> Rc<dyn Serving> {
        let started = serving(operation, &self.settings(operation));
        started.unwrap_or_else(|error| panic!("{error}"))
    }

    /// A new process of a function without a route.
    pub(crate) fn consumer(&self, operation: &'static str) -> Rc<dyn Dealing> {
        let started = dealing(operation, &self.settings(operation));
        started.unwrap_or_else(|error| panic!("{error}"))
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
