//! Paying an order: the charge is written on the order, then made, then its outcome is written down.
//!
//! Whatever happens in between, the order says that a charge may have been made, and the schedule finds out.

use domain::{
    Fingerprint, IdempotencyKey, OrderId, OrderStatus, Secret, Timestamp, UserId, payment::Steps,
};
use tracing::warn;

use super::{Orders, intent::Intent, record::OrderRecord};
use crate::{
    answer::{Answer, Remembered},
    db::{Applied, NotWritten},
    error::{Failure, StoreError},
    item::json,
    keys,
    payment::PaymentProvider,
    retry::ATTEMPTS,
    throttle::{self, Subject, Throttle, TooManyAttempts},
    write::{Is, Write},
};

/// A payment somebody wants to make.
pub struct NewPayment {
    /// For which order.
    pub order: OrderId,
    /// Who pays.
    pub customer: UserId,
    /// Their name for it.
    pub key: IdempotencyKey,
    /// What the payment provider takes the money by. Never stored.
    pub token: Secret<String>,
    /// Whose payments must not be declined too often.
    pub payers: Vec<Subject>,
}

/// Why an order was not paid.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PayError {
    /// There is no such order, or it is somebody else's.
    #[error("there is no such order")]
    NotFound,
    /// The key was used for another payment.
    #[error("the Idempotency-Key was used for another request; use a new key for a new payment")]
    KeyReused,
    /// The provider declined.
    #[error("the payment was declined; try another means of payment with a new Idempotency-Key")]
    Declined,
    /// The customer has deleted their account.
    #[error("the account is deleted")]
    AccountDeleted,
    /// It is too late.
    #[error("the order has expired; place a new one")]
    Expired,
    /// An order that is where this one is can't be paid.
    #[error("an order that is {} can't be paid", .status.as_str())]
    Refused {
        /// Where it is.
        status: OrderStatus,
    },
    /// Charges were declined too often.
    #[error("too many payments of this order were declined; cancel it and place a new one")]
    TooManyCharges,
    /// Charges of whoever pays were declined too often, of whatever orders.
    #[error(transparent)]
    TooManyDeclined(#[from] TooManyAttempts),
    /// The provider could not be reached: nothing was charged, and any key may try again.
    #[error("the payment provider could not be reached; nothing was charged, try again")]
    Unreachable,
    /// What became of a payment under another key is not known yet.
    #[error(
        "the outcome of another payment of this order is not known yet; repeat it with its own key, or wait a minute"
    )]
    Pending,
}

pub(super) type Paying<T> = Result<T, StoreError<PayError>>;

/// What is known of a payment before the provider is called.
enum Begun {
    Answered(Answer),
    Charge {
        record: Box<OrderRecord>,
        number: u32,
    },
}

impl Orders {
    /// Pays an order, or answers as it did the first time.
    pub async fn pay(
        &self,
        payment: &NewPayment,
        provider: &dyn PaymentProvider,
    ) -> Paying<Answer> {
        let (record, number) = match self.begin_payment(payment).await? {
            Begun::Answered(answer) => return Ok(answer),
            Begun::Charge { record, number } => (record, number),
        };
        let key = Steps::provider_key(&payment.order, number);
        if !record.is_payable(self.now()) {
            // The order left while the charge was under way: it may have been made, and must not be made any more.
            let outcome = provider.close(&key).await;
            return self.finish_charge(&payment.order, number, outcome).await;
        }
        let token = payment.token.expose();
        let mut outcome = provider.charge(&key, token, record.order.total).await;
        if outcome.is_err() {
            // Asking again under the same key charges nothing more, and often brings the answer that was lost.
            outcome = provider.charge(&key, token, record.order.total).await;
        }
        let answer = self.finish_charge(&payment.order, number, outcome).await;
        if matches!(answer, Err(StoreError::Refused(PayError::Declined))) {
            self.count_declined(&payment.payers).await;
        }
        answer
    }

    /// Counts a declined payment. What is lost of it makes nobody's payment fail.
    async fn count_declined(&self, payers: &[Subject]) {
        let throttle = self.throttle();
        for payer in payers {
            if let Err(failure) = throttle.count(payer, self.now()).await {
                warn!(%failure, "a declined payment was not counted");
            }
        }
    }

    fn throttle(&self) -> Throttle {
        Throttle::new(self.db.clone(), self.table.clone())
    }

    /// Answers a repeat, or writes the charge on the order before it is made.
    async fn begin_payment(&self, payment: &NewPayment) -> Paying<Begun> {
        let key = payment.key.digest();
        let token = payment.token.expose();
        let fingerprint = Fingerprint::of("pay-order", &[payment.order.as_str()], token);
        let fingerprint_text = data_encoding::HEXLOWER.encode(fingerprint.as_bytes());
        for _ in 0..ATTEMPTS {
            let mut wanted = vec![
                keys::order(&payment.order),
                keys::payment(&payment.order, &key),
                keys::deleted(&payment.customer),
            ];
            let declined = self.throttle();
            wanted.extend(declined.counters(&payment.payers, self.now()));
            let wanted = wanted.into_iter().map(|key| (self.table.as_str(), key));
            let wanted: Vec<_> = wanted.collect();
            let mut found = self.db.get_all(&wanted).await?.into_iter();
            let record = found
                .next()
                .flatten()
                .map(|item| OrderRecord::read(&item))
                .transpose()?;
            let record = record
                .filter(|record| record.customer == payment.customer)
                .ok_or(StoreError::Refused(PayError::NotFound))?;
            if let Some(item) = found.next().flatten() {
                return answer_again(Remembered::read(&item)?, &fingerprint).map(Begun::Answered);
            }
            if found.next().flatten().is_some() {
                return Err(StoreError::Refused(PayError::AccountDeleted));
            }
            let now = self.db.now();
            let declined: Vec<_> = found.collect();
            let intent = record.intent(&key, &fingerprint_text, now);
            let (intended, number) = match intent.map_err(StoreError::Refused)? {
                Intent::GoesOn(number) => {
                    let record = Box::new(record);
                    return Ok(Begun::Charge { record, number });
                }
                Intent::Charge(intended, number) => {
                    throttle::check(&payment.payers, &declined, now)?;
                    (intended, number)
                }
                Intent::PaidAlready => {
                    match self.remember_again(&record, &key, fingerprint).await? {
                        Some(answer) => return Ok(Begun::Answered(answer)),
                        None => continue,
                    }
                }
                Intent::ReadAgain => continue,
            };
            let write = record
                .change_to(&intended, &self.table)
                .only_if("expires_at", Is::MoreThan(now.as_millis()));
            match self.db.write(write).await {
                Ok(_) => {
                    return Ok(Begun::Charge {
                        record: intended,
                        number,
                    });
                }
                Err(NotWritten::Condition(_)) => {}
                // The charge was not made yet, so whether its intent was written does not matter to the customer: the same key goes on from there.
                Err(NotWritten::Failed(Failure::OutcomeUnknown(source))) => {
                    return Err(Failure::Busy(source).into());
                }
                Err(NotWritten::Failed(failure)) => return Err(failure.into()),
            }
        }
        Err(Failure::kept_changing("the order kept changing").into())
    }

    /// Gives a further key of the request that paid an order an answer of its own, and notes the key on the order, so
    /// that all answers with what the order says can be found. `None` when the order has changed.
    async fn remember_again(
        &self,
        record: &OrderRecord,
        key: &str,
        fingerprint: Fingerprint,
    ) -> Result<Option<Answer>, Failure> {
        let body = json(&record.order);
        let remembered = Remembered {
            fingerprint,
            status: 200,
            body: body.clone(),
        };
        let item = remembered.item(keys::payment(&record.order.id, key));
        let writes = [
            Write::create(&self.table, item),
            record.paid_again(key, &self.table),
        ];
        let remembered = self.db.transact(&writes).await.applied()?;
        Ok(remembered.then(|| Answer::first(200, body)))
    }
}

pub(super) fn too_late(record: &OrderRecord, now: Timestamp) -> StoreError<PayError> {
    match record.order.clone().shown_at(now).status {
        OrderStatus::Expired => StoreError::Refused(PayError::Expired),
        status => StoreError::Refused(PayError::Refused { status }),
    }
}

pub(super) fn answer_again(remembered: Remembered, fingerprint: &Fingerprint) -> Paying<Answer> {
    match remembered.answer(fingerprint) {
        None => Err(StoreError::Refused(PayError::KeyReused)),
        Some(answer) if answer.status == 402 => Err(StoreError::Refused(PayError::Declined)),
        Some(answer) => Ok(answer),
    }
}
