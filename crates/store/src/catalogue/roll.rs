//! Carrying a product's offer to its buckets.

use domain::{Bucket, Offer, ProductId};

use super::{Catalogue, bucket, product};
use crate::{
    db::Applied,
    error::Failure,
    keys,
    write::{Is, Write},
};

impl Catalogue {
    /// Carries a product's offer to all its buckets and notes that it is done. Done twice, it changes nothing more: where it is
    /// done already, it only reads.
    pub async fn finish_offer(&self, id: &ProductId) -> Result<(), Failure> {
        let Some(item) = self.db.get(&self.table, keys::product(id)).await? else {
            return Ok(());
        };
        let is_rolling = item.truth_if_any("rolling")?.unwrap_or_default();
        let product = product::read(&item)?;
        let offer = product.offer();
        let buckets = self.buckets(id, product.buckets_ever).await?;
        self.roll(&offer, &buckets).await?;
        if !is_rolling {
            return Ok(());
        }
        let done = Write::update(&self.table, keys::product(id))
            .remove("rolling")
            .only_if("offer_version", Is::Number(offer.version));
        // A later change of offer has a mark of its own.
        self.db.write(done).await.applied().map(drop)
    }

    /// Makes each of `buckets` that still sells at an older offer sell at this one. Whoever meets such a bucket may do
    /// this, so that a change of offer that was cut short is finished by the next who comes along.
    pub(crate) async fn roll(&self, offer: &Offer, buckets: &[Bucket]) -> Result<(), Failure> {
        for bucket in buckets
            .iter()
            .filter(|bucket| bucket.offer_version < offer.version)
        {
            // Where it does not apply, somebody else rolled the bucket to this offer or a later one.
            let roll = bucket::roll(&self.table, offer, bucket.number);
            self.db.write(roll).await.applied()?;
        }
        Ok(())
    }
}
