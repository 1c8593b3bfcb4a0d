//! Carrying a product's offer to its buckets.

use domain::{Bucket, Offer};

use super::{Catalogue, bucket};
use crate::{db::NotWritten, error::Failure};

impl Catalogue {
    /// Makes each of `buckets` that still sells at an older offer sell at this one. Whoever meets such a bucket may do
    /// this, so that a change of offer that was cut short is finished by the next who comes along.
    pub(crate) async fn roll(&self, offer: &Offer, buckets: &[Bucket]) -> Result<(), Failure> {
        for bucket in buckets
            .iter()
            .filter(|bucket| bucket.offer_version < offer.version)
        {
            match self
                .db
                .write(bucket::roll(&self.table, offer, bucket.number))
                .await
            {
                // Somebody else rolled it to this offer or a later one.
                Ok(_) | Err(NotWritten::Condition(_)) => {}
                Err(NotWritten::Failed(failure)) => return Err(failure),
            }
        }
        Ok(())
    }
}
