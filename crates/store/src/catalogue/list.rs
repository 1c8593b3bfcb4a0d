//! Lists: products by category or all of them, and the movements of a product's stock.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{Movement, ProductId, search::SearchWords};

use super::{
    Catalogue, movement,
    product::{self, Listed},
};
use crate::{db::Query, error::Failure, item::Item, keys};

/// The most items one request reads from an index before it answers with what it found.
const MOST_READ: usize = 1000;

/// Which products are listed.
pub struct ProductFilter {
    /// Only of this category.
    pub category: Option<String>,
    /// Only those these words find.
    pub words: SearchWords,
    /// Inactive ones too.
    pub inactive: bool,
}

/// A part of a list.
pub struct Part<T> {
    /// What it holds.
    pub items: Vec<T>,
    /// After which id or key the next part begins; `None` at the end. A part may be short, even empty, and not be the
    /// last.
    pub next: Option<String>,
}

impl Catalogue {
    /// At most `limit` products in the order of their ids, after the one whose id is `after`.
    pub async fn products(
        &self,
        filter: &ProductFilter,
        limit: usize,
        after: Option<&ProductId>,
    ) -> Result<Part<Listed>, Failure> {
        let mut after = after.cloned();
        let mut items = Vec::new();
        let mut read = 0;
        let part = |items, next: Option<ProductId>| Part {
            items,
            next: next.map(|id| id.to_string()),
        };
        loop {
            let key = after.as_ref().map(keys::product_pk);
            let (page, more) = self.listed(filter, limit, key.as_deref()).await?;
            read += page.len();
            for listed in page {
                if items.len() == limit {
                    return Ok(part(items, after));
                }
                after = Some(listed.product.id.clone());
                let product = &listed.product;
                if (filter.inactive || product.active)
                    && filter
                        .words
                        .match_product(&product.title, product.category.as_deref())
                {
                    items.push(listed);
                }
            }
            if !more {
                return Ok(part(items, None));
            }
            if read >= MOST_READ || items.len() == limit {
                return Ok(part(items, after));
            }
        }
    }

    /// The next products of the index in the order of their ids, at least one if there is any, and whether there are
    /// more.
    async fn listed(
        &self,
        filter: &ProductFilter,
        limit: usize,
        after: Option<&str>,
    ) -> Result<(Vec<Listed>, bool), Failure> {
        let size = i32::try_from(limit.saturating_add(1)).unwrap_or(i32::MAX);
        let query = |index: &'static str, name: &'static str, hash: String| async move {
            let range = after.map(|after| ("pk", ">", AttributeValue::S(after.to_owned())));
            let query = Query {
                table: &self.table,
                index: Some(index),
                hash: (name, &hash),
                range,
                ascending: true,
                limit: size,
                start: None,
            };
            self.db.query(query).await
        };
        let pages = match &filter.category {
            Some(category) => vec![query(keys::BY_CATEGORY, "category", category.clone()).await?],
            None => {
                let [a, b, c, d] =
                    [0, 1, 2, 3].map(|shard| query(keys::ALL, "shard", keys::all_products(shard)));
                let (a, b, c, d) = tokio::try_join!(a, b, c, d)?;
                vec![a, b, c, d]
            }
        };
        // Beyond the last item of a shard that has more, the shards' common order is not known yet.
        let last = |page: &crate::db::Page| {
            page.items
                .last()
                .and_then(|item| item.text("pk").ok().map(str::to_owned))
        };
        let known_to = pages
            .iter()
            .filter(|page| page.next.is_some())
            .filter_map(last)
            .min();
        let mut items: Vec<Item> = pages.into_iter().flat_map(|page| page.items).collect();
        items.sort_by(|a, b| {
            a.text("pk")
                .unwrap_or_default()
                .cmp(b.text("pk").unwrap_or_default())
        });
        if let Some(known_to) = &known_to {
            items.retain(|item| item.text("pk").is_ok_and(|pk| pk <= known_to.as_str()));
        }
        let listed: Result<Vec<Listed>, _> = items.iter().map(product::read_listed).collect();
        Ok((listed?, known_to.is_some()))
    }

    /// At most `limit` movements of a product's stock: bucket by bucket from the last, the newest of each first, after
    /// the key `after`.
    pub async fn movements(
        &self,
        id: &ProductId,
        limit: usize,
        after: Option<String>,
    ) -> Result<Part<Movement>, Failure> {
        let hash = keys::movements_pk(id);
        let mut after = after;
        let mut items = Vec::new();
        loop {
            let range = after
                .as_ref()
                .map(|after| ("sk", "<", AttributeValue::S(after.clone())));
            // One more than is asked for tells whether there is a next part.
            let size = i32::try_from(limit.saturating_add(1)).unwrap_or(i32::MAX);
            let query = Query {
                table: &self.table,
                index: None,
                hash: ("pk", &hash),
                range,
                ascending: false,
                limit: size,
                start: None,
            };
            let page = self.db.query(query).await?;
            for item in &page.items {
                if items.len() == limit {
                    return Ok(Part { items, next: after });
                }
                after = Some(item.text("sk")?.to_owned());
                items.extend(Some(movement::read(item)?).filter(movement::is_shown));
            }
            if page.next.is_none() {
                return Ok(Part { items, next: None });
            }
            if items.len() == limit {
                return Ok(Part { items, next: after });
            }
        }
    }
}
