//! One instance of a function: a process and the Runtime API it talks to.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use tokio::{
    net::TcpListener,
    sync::oneshot,
    time::{sleep, timeout},
};

use crate::{
    Function, InvokeError,
    answer::Answer,
    ids,
    load::Load,
    logs::Logs,
    process::Process,
    runtime_api::{ANSWER_LIMIT, Invocation, NoAnswer, Phase, Reply, RuntimeApi},
};

/// How long a process may take until it asks for its first invocation, as on Lambda.
const START_LIMIT: Duration = Duration::from_secs(10);

const REGION: &str = "us-east-1";

/// A running instance. It serves one invocation at a time.
#[derive(Debug)]
pub(crate) struct Instance {
    process: Arc<Process>,
    api: Arc<RuntimeApi>,
}

/// What came of handing an invocation to an instance.
pub(crate) enum Served {
    /// It is over, one way or the other.
    Over(Result<Answer, InvokeError>),
    /// The process ended before it took the invocation: another instance may.
    NotTaken(InvokeError),
}

impl Instance {
    /// Starts a process for `function` that finds its Runtime API on `listener`.
    pub(crate) fn start(
        function: &Function,
        listener: TcpListener,
        load: &Arc<Load>,
        logs: &Arc<Logs>,
    ) -> Result<Self, InvokeError> {
        let name = &function.name;
        let not_started = |source| InvokeError::NotStarted {
            function: name.clone(),
            source,
        };
        let address = listener.local_addr().map_err(not_started)?.to_string();
        let region = function
            .environment
            .get("AWS_REGION")
            .map_or(REGION, String::as_str);
        let arn = format!("arn:aws:lambda:{region}:123456789012:function:{name}");
        let (memory, log_group) = (
            function.memory_mib.to_string(),
            format!("/aws/lambda/{name}"),
        );
        let own = function
            .environment
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()));
        // After the function's own, so that they win: Lambda reserves these names.
        let reserved = [
            ("AWS_LAMBDA_RUNTIME_API", address.as_str()),
            ("AWS_LAMBDA_FUNCTION_NAME", name),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", &memory),
            ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
            ("AWS_LAMBDA_LOG_GROUP_NAME", &log_group),
            ("AWS_LAMBDA_LOG_STREAM_NAME", &address),
        ];
        let process = Process::spawn(name, &function.binary, own.chain(reserved), logs);
        let process = Arc::new(process.map_err(not_started)?);
        let api = RuntimeApi::new(arn, load);
        let serving = Arc::clone(&process);
        api.serve(listener, async move {
            serving.exit().await;
        });
        Ok(Self { process, api })
    }

    /// Waits until the process asks for its first invocation. If it won't, it is killed.
    pub(crate) async fn ready(&self, function: &Function) -> Result<(), InvokeError> {
        let started = tokio::select! {
            biased;
            phase = self.api.started() => Some(phase),
            exit = self.process.exit() => match self.api.phase() {
                Phase::Starting => {
                    let function = function.name.clone();
                    return Err(InvokeError::ExitedAtStart { function, exit });
                }
                phase => Some(phase),
            },
            () = sleep(START_LIMIT) => None,
        };
        let function = function.name.clone();
        let error = match started {
            Some(Phase::Ready) => return Ok(()),
            Some(Phase::Failed(source)) => InvokeError::Init { function, source },
            Some(Phase::Starting) | None => InvokeError::StartTimedOut {
                function,
                limit: START_LIMIT,
            },
        };
        self.end().await;
        Err(error)
    }

    /// Has the process serve one event, within the function's timeout.
    pub(crate) async fn serve(&self, function: &Function, event: Bytes, trace: String) -> Served {
        let name = || function.name.clone();
        let (reply, mut replied) = oneshot::channel();
        self.api.offer(Invocation {
            request_id: ids::request_id(),
            trace_id: trace,
            deadline: deadline(function.timeout),
            event,
            reply,
        });
        let waiting = timeout(function.timeout, async {
            tokio::select! {
                biased;
                reply = &mut replied => Ok(reply),
                exit = self.process.exit() => Err(exit),
            }
        });
        match waiting.await {
            Ok(Ok(Ok(reply))) => Served::Over(answer(function, reply)),
            // An answer may have come in the process's last moment.
            Ok(Err(exit)) => match (replied.try_recv(), self.api.abandon()) {
                (Ok(reply), _) => Served::Over(answer(function, reply)),
                (Err(_), true) => Served::Over(Err(InvokeError::Crashed {
                    function: name(),
                    exit,
                })),
                (Err(_), false) => Served::NotTaken(InvokeError::Crashed {
                    function: name(),
                    exit,
                }),
            },
            // Too late. (No way for a reply is the same: the instance is not where it should be.)
            Ok(Ok(Err(_))) | Err(_) => {
                self.end().await;
                self.api.abandon();
                Served::Over(Err(InvokeError::TimedOut {
                    function: name(),
                    limit: function.timeout,
                }))
            }
        }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.process.pid()
    }

    pub(crate) fn is_busy(&self) -> bool {
        self.api.is_busy()
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.process.has_ended()
    }

    /// Sends SIGKILL to the process.
    pub(crate) fn kill(&self) {
        self.process.kill();
    }

    /// Kills the process and waits until it is gone.
    pub(crate) async fn end(&self) {
        self.process.kill();
        self.process.exit().await;
    }

    /// Kills the process and blocks until it is gone.
    pub(crate) fn end_now(&self) {
        self.process.kill_and_reap();
    }
}

/// `timeout` from now, in milliseconds since 1970.
fn deadline(timeout: Duration) -> u64 {
    let timeout = u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX);
    ids::epoch_millis(SystemTime::now()).saturating_add(timeout)
}

fn answer(function: &Function, reply: Reply) -> Result<Answer, InvokeError> {
    let function = function.name.clone();
    reply.map_err(|no_answer| match no_answer {
        NoAnswer::Failed(source) => InvokeError::Function { function, source },
        NoAnswer::TooLarge => InvokeError::AnswerTooLarge {
            function,
            limit: ANSWER_LIMIT,
        },
    })
}
