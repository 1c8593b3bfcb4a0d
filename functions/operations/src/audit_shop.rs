use serde::de::IgnoredAny;
use store::{
    Failure,
    audit::{Pace, Report, audit_in_use},
};
use tracing::warn;

use crate::Auditing;

/// The most items that are named in the log. Where there are more, something is wrong with all of them, and `cargo shop
/// audit` tells the rest.
const MOST: usize = 100;

/// Every day, or as often as the template's parameter says: reads all that the shop keeps of stock, orders and money, and
/// names in the log each item that does not agree with the others, and not only because a stream is late. It only reads.
///
/// There is a report only of an audit that came to its end. Any other fails, so that none is taken for clean.
pub async fn audit_shop(shop: &Auditing, _: IgnoredAny) -> Result<Report, Failure> {
    let report = audit_in_use(Pace::Gentle, &shop.db, &shop.tables).await?;
    for finding in report.findings.iter().take(MOST) {
        // How it breaks the rule may take more than ids to say.
        warn!(item = finding.item.as_str(), rule = finding.rule, "found");
    }
    Ok(report)
}
