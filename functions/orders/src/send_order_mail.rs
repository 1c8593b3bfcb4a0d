use std::time::Duration;

use aws_lambda_events::event::streams::DynamoDbEventResponse;
use domain::OrderStatus;
use edge::{
    BoxError, OrderEvents,
    stream::{given_up, mail},
};
use store::{
    error::Because,
    mail::Message,
    orders::{OrderChange, OrderRecord},
};

use crate::{OrderMail, letters};

/// For how long what happened is news. EventBridge's rule and the queue together try for 18 hours (`infra/orders.yaml`), and a
/// stream forgets after 24, so what comes later was published late, told again, or lay among the failures.
const NEWS: Duration = Duration::from_secs(24 * 3600);

/// The event bus: writes to customers what became of their orders, at the addresses that they have shown to be theirs.
///
/// A letter is written while the order is still as it says. What has happened since has a letter of its own. One can leave
/// twice; the built-in mailbox knows it again by its event.
pub async fn send_order_mail(
    shop: &OrderMail,
    events: OrderEvents,
) -> Result<DynamoDbEventResponse, BoxError> {
    Ok(events.each(async |event| tell(shop, event).await).await)
}

async fn tell(shop: &OrderMail, event: &OrderChange) -> Result<(), BoxError> {
    let Some(record) = found(shop, event).await? else {
        return Ok(());
    };
    let owner = shop.users.profile(&record.customer).await?;
    // Anybody may register an address, and would have us write to a stranger.
    let Some(owner) = owner.filter(|owner| owner.email_verified) else {
        return Ok(());
    };
    let (subject, text) = letters::letter(&record.order, shop.site.as_deref());
    let message = Message {
        id: event.id.clone(),
        to: owner.email,
        subject: subject.to_owned(),
        text,
    };
    Ok(mail(shop.mailer.as_ref(), &message).await?)
}

/// The order, if this event is the one whose letter says how it is.
async fn found(shop: &OrderMail, event: &OrderChange) -> Result<Option<OrderRecord>, BoxError> {
    if event.at.plus(NEWS) < shop.orders.now() {
        given_up(&event.id, &Because("it happened over a day ago"));
        return Ok(None);
    }
    let record = shop.orders.find(&event.order_id).await?;
    let history = record.as_ref().map(OrderChange::all_of).unwrap_or_default();
    // The order decides what happened, and not whoever can put events on a bus.
    if !history.contains(event) {
        given_up(&event.id, &Because("no order has it in its history"));
        return Ok(None);
    }
    let is_told = told_of(&history) == Some(event);
    let now = shop.orders.now();
    Ok(record.filter(|record| is_told && !record.order.is_overdue(now)))
}

/// The event of an order about which its customer is written: the last. An arrival has no letter of its own, since whoever has the
/// parcel knows; the one about the parcel, if it is late, says that it has arrived, or some would have none at all.
fn told_of(history: &[OrderChange]) -> Option<&OrderChange> {
    let mut latest = history.iter().rev();
    latest.find(|event| event.status != OrderStatus::Delivered)
}
