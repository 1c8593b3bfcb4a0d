//! The whole: functions, their instances and the HTTP front, from start to shutdown.

use std::{collections::BTreeMap, net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, serve::ListenerExt};
use serde_json::Value;
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle, time::timeout};

use crate::{
    Function, InvokeError, Route, StartError,
    front::{Front, handle},
    ids,
    instance::Instance,
    pool::Pool,
    routes::RouteTable,
};

/// How long shutdown waits for clients to take their last answers.
const LAST_ANSWERS: Duration = Duration::from_secs(1);

/// Functions running on this machine behind an HTTP front.
///
/// Dropping it kills every process it started and waits (blocking, for milliseconds) until they are
/// gone; [`shutdown`](Self::shutdown) does the same without blocking. It works on the async runtime
/// it was started on and is of no use after that runtime has ended.
#[derive(Debug)]
pub struct LocalLambda {
    address: SocketAddr,
    pools: Arc<BTreeMap<String, Arc<Pool>>>,
    stop_front: Option<oneshot::Sender<()>>,
    front: JoinHandle<()>,
}

impl LocalLambda {
    /// Opens the HTTP front on a free port of 127.0.0.1. Processes start when they are needed.
    pub async fn start(
        functions: impl IntoIterator<Item = Function>,
        routes: impl IntoIterator<Item = Route>,
    ) -> Result<Self, StartError> {
        let pools = Arc::new(pools(functions)?);
        let routes: Vec<Route> = routes.into_iter().collect();
        if let Some(route) = routes
            .iter()
            .find(|route| !pools.contains_key(&route.function))
        {
            let (route, function) = (route.key(), route.function.clone());
            return Err(StartError::UnknownFunction { route, function });
        }
        let routes = RouteTable::new(&routes)?;

        let listener = TcpListener::bind(("127.0.0.1", 0))
            .await
            .map_err(StartError::Bind)?;
        let address = listener.local_addr().map_err(StartError::Bind)?;
        let front = Front {
            routes,
            pools: Arc::clone(&pools),
            port: address.port(),
        };
        let (stop_front, stopped) = oneshot::channel();
        Ok(Self {
            address,
            pools,
            stop_front: Some(stop_front),
            front: tokio::spawn(serve(listener, front, stopped)),
        })
    }

    /// The front's address, for example `http://127.0.0.1:40123`, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Invokes a function directly and waits for its answer, as a stream or a schedule would.
    /// An error the function reports is kept in [`InvokeError::Function`].
    pub async fn invoke(&self, name: &str, payload: Value) -> Result<Value, InvokeError> {
        let event = payload.to_string().into();
        let answer = self.pool(name)?.invoke(event, ids::trace_id()).await?;
        serde_json::from_slice(&answer.body).map_err(|source| InvokeError::NotJson {
            function: name.to_owned(),
            source,
        })
    }

    /// Starts instances ahead until `count` of them (at most the function's `max_instances`) wait for
    /// work. Waits first until no invocation of the function is under way.
    pub async fn warm(&self, name: &str, count: usize) -> Result<(), InvokeError> {
        self.pool(name)?.warm(count).await
    }

    /// What the function's processes printed, all instances together, oldest line first. A line may
    /// come a moment after the answer of the invocation that printed it; once a process has ended,
    /// all of its lines are here. The latest 100,000 lines are kept.
    pub fn logs(&self, name: &str) -> Vec<String> {
        self.ask(name, |pool| pool.logs.lines())
    }

    /// How many processes of the function run now.
    pub fn instances(&self, name: &str) -> usize {
        self.ask(name, |pool| pool.running().len())
    }

    /// The process ids of the function's running instances.
    pub fn pids(&self, name: &str) -> Vec<u32> {
        self.ask(name, |pool| {
            pool.running()
                .iter()
                .map(|instance| instance.pid())
                .collect()
        })
    }

    /// How many processes of the function were started so far.
    pub fn started(&self, name: &str) -> usize {
        self.ask(name, |pool| pool.started())
    }

    /// How many invocations processes have taken and not answered yet.
    pub fn under_way(&self, name: &str) -> usize {
        self.ask(name, |pool| pool.load.now())
    }

    /// The highest number of invocations of the function that were under way at the same time.
    pub fn overlapping(&self, name: &str) -> usize {
        self.ask(name, |pool| pool.load.highest())
    }

    /// Waits until processes have taken `count` invocations that are not answered yet: the moment to
    /// kill one. Never returns if that does not come; an unknown name is an error.
    pub async fn until_under_way(&self, name: &str, count: usize) -> Result<(), InvokeError> {
        self.pool(name)?.load.reaches(count).await;
        Ok(())
    }

    /// Sends SIGKILL to an instance with an invocation under way or, if there is none, to an idle one,
    /// and waits until the process is gone. Its client gets the gateway's 500; the next invocation that
    /// needs it starts another. Returns the process id, or nothing if no instance runs.
    pub async fn kill_one(&self, name: &str) -> Option<u32> {
        self.pools.get(name)?.kill_one().await
    }

    /// Kills every process, closes the front and waits until both are done.
    pub async fn shutdown(mut self) {
        for instance in self.close() {
            instance.end().await;
        }
        if timeout(LAST_ANSWERS, &mut self.front).await.is_err() {
            self.front.abort();
        }
    }

    /// No new connections, no new processes; the killed instances are left to be waited for.
    fn close(&mut self) -> Vec<Arc<Instance>> {
        if let Some(stop) = self.stop_front.take() {
            let _ = stop.send(()); // an error means that the front has stopped already
        }
        self.pools.values().flat_map(|pool| pool.close()).collect()
    }

    fn pool(&self, name: &str) -> Result<&Arc<Pool>, InvokeError> {
        let unknown = || InvokeError::UnknownFunction {
            function: name.to_owned(),
        };
        self.pools.get(name).ok_or_else(unknown)
    }

    /// Asks about a function; of one that was not declared there is nothing to tell.
    fn ask<T: Default>(&self, name: &str, question: impl FnOnce(&Pool) -> T) -> T {
        self.pools
            .get(name)
            .map(|pool| question(pool))
            .unwrap_or_default()
    }
}

impl Drop for LocalLambda {
    fn drop(&mut self) {
        for instance in self.close() {
            instance.end_now();
        }
    }
}

async fn serve(listener: TcpListener, front: Front, stopped: oneshot::Receiver<()>) {
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    let service = Router::new()
        .fallback(handle)
        .with_state(Arc::new(front))
        .into_make_service_with_connect_info::<SocketAddr>();
    let stop = async {
        let _ = stopped.await;
    };
    if let Err(error) = axum::serve(listener, service)
        .with_graceful_shutdown(stop)
        .await
    {
        tracing::error!(
            error = &error as &dyn std::error::Error,
            "the HTTP front stopped"
        );
    }
}

fn pools(
    functions: impl IntoIterator<Item = Function>,
) -> Result<BTreeMap<String, Arc<Pool>>, StartError> {
    let mut pools = BTreeMap::new();
    for function in functions {
        let name = function.name.clone();
        if !function.binary.is_file() {
            let binary = function.binary;
            return Err(StartError::MissingBinary {
                function: name,
                binary,
            });
        }
        if function.max_instances == 0 {
            return Err(StartError::NoInstances { function: name });
        }
        if pools.insert(name.clone(), Pool::new(function)).is_some() {
            return Err(StartError::DuplicateFunction { function: name });
        }
    }
    Ok(pools)
}
