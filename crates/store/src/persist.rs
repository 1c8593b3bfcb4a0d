//! Writes: sent until they succeed, are refused for good, or the budget for retries is spent.

use std::time::Duration;

use crate::{
    Db,
    cancellation::{self, Reason, Setback},
    db::{NotCommitted, NotWritten, traced},
    error::Failure,
    item::Item,
    lost::Lost,
    retry::{ATTEMPTS, backoff},
    service_error::Call,
    single, site,
    write::{Write, token},
};

/// How long a transaction that is found under way is left alone: whoever asks after five seconds makes DynamoDB finish
/// one whose coordinator is gone (Idziorek et al., "Distributed Transactions at Scale in Amazon DynamoDB", ATC 2023).
const RECOVERY: Duration = Duration::from_millis(5200);

impl Db {
    /// Writes one item and gives it as it is then (an update's) or nothing (a put's or delete's).
    #[track_caller]
    pub fn write(&self, write: Write) -> impl Future<Output = Result<Option<Item>, NotWritten>> {
        site::called();
        self.write_one(write)
    }

    async fn write_one(&self, write: Write) -> Result<Option<Item>, NotWritten> {
        let sent = self
            .persist(|lost, _| single::send(&self.client, &write, lost))
            .await;
        sent.map_err(|not_committed| match not_committed {
            NotCommitted::Failed(failure) => NotWritten::Failed(failure),
            NotCommitted::Refused(reasons) => {
                NotWritten::Condition(reasons.into_iter().find_map(|reason| match reason {
                    Reason::ConditionFailed(item) => item,
                    _ => None,
                }))
            }
        })
    }

    /// Writes all of `writes` or none, at once. The first is the record of what is done: if it is there already,
    /// that decides. Conflicts are retried with the same bytes while the budget lasts.
    #[track_caller]
    pub fn transact(&self, writes: &[Write]) -> impl Future<Output = Result<(), NotCommitted>> {
        site::called();
        self.commit(move |_| writes.to_vec())
    }

    /// As [`Db::transact`], of writes that may differ from try to try (from 0): a conflict over one item is a reason to
    /// try another that serves as well. Only one of them can happen, since each creates the same record first.
    #[track_caller]
    pub fn transact_one_of(
        &self,
        writes: impl Fn(u32) -> Vec<Write>,
    ) -> impl Future<Output = Result<(), NotCommitted>> {
        site::called();
        self.commit(writes)
    }

    async fn commit(&self, writes: impl Fn(u32) -> Vec<Write>) -> Result<(), NotCommitted> {
        self.persist(|lost, attempt| self.send_transaction(writes(attempt), lost))
            .await
    }

    async fn send_transaction(&self, writes: Vec<Write>, lost: Lost) -> Result<(), Setback> {
        let actions: Result<Vec<_>, _> = writes.iter().map(Write::action).collect();
        let actions =
            actions.map_err(|error| Setback::Failed(Failure::Rejected(Box::new(error))))?;
        let request = self
            .client
            .transact_write_items()
            .set_transact_items(Some(actions))
            .client_request_token(token(&writes))
            .customize()
            .interceptor(lost);
        let call = Call::named("TransactWriteItems");
        let sent = traced(call.name, request.send()).await;
        sent.map(drop)
            .map_err(|error| cancellation::of_transaction(call, error))
    }

    /// Sends a write until it succeeds, is refused for good, or the budget is spent. `send` is told which try it is, from
    /// 0; one that may be under way is sent again as the same try.
    async fn persist<T, F: Future<Output = Result<T, Setback>>>(
        &self,
        send: impl Fn(Lost, u32) -> F,
    ) -> Result<T, NotCommitted> {
        let lost = Lost::default();
        let busy = |source| {
            NotCommitted::Failed(if lost.any() {
                Failure::OutcomeUnknown(source)
            } else {
                Failure::Busy(source)
            })
        };
        let mut attempt = 0;
        let mut waited = false;
        loop {
            match send(lost.clone(), attempt).await {
                Ok(written) => {
                    self.budget.earn();
                    return Ok(written);
                }
                Err(Setback::Refused(reasons)) => return Err(NotCommitted::Refused(reasons)),
                Err(Setback::Failed(Failure::Busy(source))) => return Err(busy(source)),
                Err(Setback::Failed(failure)) => return Err(NotCommitted::Failed(failure)),
                Err(Setback::InProgress(source)) if waited => {
                    return Err(NotCommitted::Failed(Failure::OutcomeUnknown(source)));
                }
                Err(Setback::InProgress(_)) => {
                    waited = true;
                    tokio::time::sleep(RECOVERY).await;
                }
                Err(Setback::Transient(source)) => {
                    attempt += 1;
                    if attempt == ATTEMPTS || !self.budget.spend() {
                        return Err(busy(source));
                    }
                    tokio::time::sleep(backoff(attempt - 1)).await;
                }
            }
        }
    }
}
