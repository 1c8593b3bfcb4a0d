//! The instances of one function: started when needed, reused, replaced when gone.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use bytes::Bytes;
use tokio::{net::TcpListener, sync::Semaphore};

use crate::{
    Function, InvokeError,
    answer::Answer,
    instance::{Instance, Served},
    load::Load,
    logs::Logs,
    sync::locked,
};

/// All there is of one function.
#[derive(Debug)]
pub(crate) struct Pool {
    function: Function,
    /// A permit for every instance there may be. Who holds one has an instance, or may start one;
    /// the others wait in the order they came.
    turns: Semaphore,
    max_instances: u32,
    instances: Mutex<Instances>,
    started: AtomicUsize,
    pub(crate) load: Arc<Load>,
    pub(crate) logs: Arc<Logs>,
}

#[derive(Debug, Default)]
struct Instances {
    /// Every instance whose process may still run.
    all: Vec<Arc<Instance>>,
    /// Those that wait for an invocation; the last used is the next used, as on Lambda.
    idle: Vec<Arc<Instance>>,
    closed: bool,
}

impl Pool {
    pub(crate) fn new(function: Function) -> Arc<Self> {
        let max_instances = u32::try_from(function.max_instances).unwrap_or(u32::MAX);
        Arc::new(Self {
            turns: Semaphore::new(max_instances as usize),
            max_instances,
            function,
            instances: Mutex::default(),
            started: AtomicUsize::new(0),
            load: Load::new(),
            logs: Arc::default(),
        })
    }

    /// Invokes the function. As on Lambda, the invocation runs on when the caller goes away.
    pub(crate) async fn invoke(
        self: &Arc<Self>,
        event: Bytes,
        trace: String,
    ) -> Result<Answer, InvokeError> {
        let pool = Arc::clone(self);
        let invocation = tokio::spawn(async move { pool.run(event, trace).await });
        invocation.await.unwrap_or_else(|_| Err(self.shut_down()))
    }

    async fn run(&self, event: Bytes, trace: String) -> Result<Answer, InvokeError> {
        let _turn = self.turns.acquire().await.map_err(|_| self.shut_down())?;
        while let Some(instance) = self.take_idle() {
            match instance
                .serve(&self.function, event.clone(), trace.clone())
                .await
            {
                Served::Over(result) => return self.put_back(instance, result),
                Served::NotTaken(_) => {} // it died while idle: the next one
            }
        }
        let instance = self.start().await?;
        match instance.serve(&self.function, event, trace).await {
            Served::Over(result) => self.put_back(instance, result),
            Served::NotTaken(error) => Err(error), // not again: it would end in a loop of starts
        }
    }

    /// Starts instances until `count` of them, at most all there may be, wait for invocations.
    /// Waits first until no invocation is under way.
    pub(crate) async fn warm(&self, count: usize) -> Result<(), InvokeError> {
        let all = self.turns.acquire_many(self.max_instances).await;
        let _turns = all.map_err(|_| self.shut_down())?;
        let idle = locked(&self.instances)
            .idle
            .iter()
            .filter(|it| !it.has_ended())
            .count();
        for _ in idle..count.min(self.function.max_instances) {
            let instance = self.start().await?;
            locked(&self.instances).idle.insert(0, instance);
        }
        Ok(())
    }

    async fn start(&self) -> Result<Arc<Instance>, InvokeError> {
        let listener = TcpListener::bind(("127.0.0.1", 0))
            .await
            .map_err(|source| InvokeError::NotStarted {
                function: self.function.name.clone(),
                source,
            })?;
        let instance = {
            // Under the lock: close() either sees the new instance or has forbidden it.
            let mut instances = locked(&self.instances);
            if instances.closed {
                return Err(self.shut_down());
            }
            let instance = Instance::start(&self.function, listener, &self.load, &self.logs)?;
            let instance = Arc::new(instance);
            instances.all.retain(|it| !it.has_ended());
            instances.all.push(Arc::clone(&instance));
            instance
        };
        self.started.fetch_add(1, Ordering::Relaxed);
        instance.ready(&self.function).await?;
        Ok(instance)
    }

    fn take_idle(&self) -> Option<Arc<Instance>> {
        let mut instances = locked(&self.instances);
        while let Some(instance) = instances.idle.pop() {
            if !instance.has_ended() {
                return Some(instance);
            }
        }
        None
    }

    fn put_back<T>(&self, instance: Arc<Instance>, result: T) -> T {
        if !instance.has_ended() {
            locked(&self.instances).idle.push(instance);
        }
        result
    }

    /// How many processes were started so far.
    pub(crate) fn started(&self) -> usize {
        self.started.load(Ordering::Relaxed)
    }

    /// The instances whose processes run.
    pub(crate) fn running(&self) -> Vec<Arc<Instance>> {
        let instances = locked(&self.instances);
        instances
            .all
            .iter()
            .filter(|it| !it.has_ended())
            .cloned()
            .collect()
    }

    /// Kills one instance, a busy one if there is one, and waits until its process is gone.
    pub(crate) async fn kill_one(&self) -> Option<u32> {
        let running = self.running();
        let victim = running.iter().find(|it| it.is_busy()).or(running.first())?;
        victim.end().await;
        Some(victim.pid())
    }

    /// Refuses every further invocation and start and kills what runs: these instances are left to
    /// be waited for.
    pub(crate) fn close(&self) -> Vec<Arc<Instance>> {
        self.turns.close();
        locked(&self.instances).closed = true;
        let running = self.running();
        running.iter().for_each(|instance| instance.kill());
        running
    }

    fn shut_down(&self) -> InvokeError {
        InvokeError::ShutDown {
            function: self.function.name.clone(),
        }
    }
}
