//! What becomes of one request.

use std::{fmt, sync::Arc, time::Duration};

use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::{engine::Answer, faults::Faults};

/// What becomes of a request on its way and back.
#[derive(Clone, Debug)]
pub(crate) struct Fate {
    pub(crate) there: Duration,
    pub(crate) back: Duration,
    pub(crate) request_lost: bool,
    pub(crate) reply_lost: bool,
    /// It arrives again, this long after it was sent.
    pub(crate) again: Option<Duration>,
    /// It is answered with this, whatever the server makes of it.
    pub(crate) answer: Option<Answer>,
    /// How much later a copy has what it writes.
    pub(crate) lag: Duration,
    /// A batch leaves keys unread.
    pub(crate) unread: bool,
    /// What the server decides by: how the reads of a batch are spread, and what is visible when.
    pub(crate) dice: u64,
}

/// A request that is about to leave a process.
#[derive(Debug)]
pub struct Sent<'a> {
    /// Whose it is.
    pub process: &'a str,
    /// DynamoDB's name for what is asked for.
    pub operation: &'a str,
    /// The request, in DynamoDB's JSON.
    pub body: &'a Value,
}

/// What is done to one request on purpose. It replaces what would have happened to it by chance.
#[derive(Clone, Debug)]
pub enum Meddling {
    /// Nothing goes wrong.
    Leave,
    /// It never arrives.
    LoseRequest,
    /// It is carried out and never answered.
    LoseReply,
    /// It arrives this much later, and is answered then.
    Delay(Duration),
    /// It arrives, is answered, and arrives again this long after it was sent.
    Again(Duration),
    /// It is not carried out, and answered with this error: status, DynamoDB's name of it, further members of its body.
    Refuse(u16, &'static str, Value),
}

pub(crate) type Meddler = Box<dyn FnMut(&Sent<'_>) -> Option<Meddling> + Send>;

impl Fate {
    /// Casts the dice. Every die is cast for every request, so that a changed chance changes no other request's fate.
    pub(crate) fn cast(random: &mut fastrand::Rng, faults: &Arc<Faults>, operation: &str) -> Self {
        let mut between = |(least, most): (Duration, Duration)| {
            least + most.saturating_sub(least).mul_f64(random.f64())
        };
        let (there, back) = (between(faults.delay), between(faults.delay));
        let lag = between(faults.lag);
        let second = between((faults.delay.0, faults.lateness));
        let mut happens = |chance: f64| random.f64() < chance;
        let writes =
            ["PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems"].contains(&operation);
        let (duplicate, late) = (
            happens(faults.duplicate) && writes,
            happens(faults.late) && writes,
        );
        let declares = operation.ends_with("Table") || operation.starts_with("UpdateTimeToLive");
        let request_lost = happens(faults.lost_request) && !declares;
        let reply_lost = happens(faults.lost_reply) && !declares;
        let (fault, carried_out) = (
            happens(faults.server_error) && !declares,
            happens(0.5) && writes,
        );
        let error = || Answer::error(500, "InternalServerError", "simulated");
        Self {
            there: if late { there + faults.lateness } else { there },
            back,
            request_lost: request_lost || fault && !carried_out,
            reply_lost,
            again: duplicate.then_some(second),
            answer: fault.then(error),
            lag,
            unread: happens(faults.unread),
            dice: random.u64(..),
        }
    }

    /// What becomes of it on purpose instead.
    pub(crate) fn meddled(self, meddling: Meddling) -> Self {
        let plain = Self {
            request_lost: false,
            reply_lost: false,
            again: None,
            answer: None,
            unread: false,
            ..self
        };
        match meddling {
            Meddling::Leave => plain,
            Meddling::LoseRequest => Self {
                request_lost: true,
                ..plain
            },
            Meddling::LoseReply => Self {
                reply_lost: true,
                ..plain
            },
            Meddling::Delay(by) => Self {
                there: plain.there + by,
                ..plain
            },
            Meddling::Again(after) => Self {
                again: Some(after),
                ..plain
            },
            Meddling::Refuse(status, name, more) => {
                let mut answer = Answer::error(status, name, "simulated");
                if let (Some(body), Value::Object(more)) = (answer.body.as_object_mut(), more) {
                    body.extend(more);
                }
                Self {
                    request_lost: true,
                    answer: Some(answer),
                    ..plain
                }
            }
        }
    }
}

impl Serialize for Fate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl fmt::Display for Fate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "there {:?}, back {:?}", self.there, self.back)?;
        if self.request_lost {
            f.write_str(", request lost")?;
        }
        if self.reply_lost {
            f.write_str(", reply lost")?;
        }
        if let Some(again) = self.again {
            write!(f, ", again after {again:?}")?;
        }
        if let Some(answer) = &self.answer {
            write!(f, ", answered {}", answer.error_name())?;
        }
        Ok(())
    }
}
