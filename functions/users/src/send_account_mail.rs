use aws_lambda_events::event::{dynamodb::EventRecord, streams::DynamoDbEventResponse};
use edge::{
    BoxError,
    stream::{StreamEvent, each_record, images, mail},
};
use store::{links::Link, mail::Message};

use crate::{AccountMail, letters};

/// The users table's stream: sends the links that were written down.
///
/// Stops at the first that can't be sent now and says which, so that the stream goes on from there. One that the mailer
/// will never take keeps no other waiting. A message can leave twice; its link is the same.
pub async fn send_account_mail(
    shop: &AccountMail,
    event: StreamEvent,
) -> Result<DynamoDbEventResponse, BoxError> {
    Ok(each_record(event.records, async |record| send_one(shop, record).await).await)
}

async fn send_one(shop: &AccountMail, record: EventRecord) -> Result<(), BoxError> {
    let Some((_, new)) = images(record) else {
        return Ok(());
    };
    let link = Link::read(&new)?;
    // One that is over, or whose owner is gone, needs no message any more.
    let Some(link) = link.filter(|link| link.is_good(shop.users.now())) else {
        return Ok(());
    };
    let Some(user) = shop.users.profile(&link.user).await? else {
        return Ok(());
    };
    let token = shop.link_key.token(link.purpose, &link.id);
    let (subject, text) = letters::letter(&link, &token, shop.site.as_deref());
    let message = Message {
        id: link.id,
        to: user.email,
        subject,
        text,
    };
    Ok(mail(shop.mailer.as_ref(), &message).await?)
}
