//! Carts: one item each. A line is an attribute of its own, so that two tabs that put different products lose nothing
//! and need not wait for each other.

pub mod item;
pub mod merge;

use std::sync::Arc;

use domain::{Cart, CartLine, Offer, OrderId, ProductId, UserId, new_order::MAX_LINES};

use self::item::{CartRecord, CartState};
use crate::{
    Catalogue, Db,
    db::{Applied, NotWritten},
    error::{Failure, StoreError},
    item::Item,
    keys,
    retry::ATTEMPTS,
    write::{Is, Write},
};

/// The carts table.
pub struct Carts {
    pub(crate) db: Arc<Db>,
    pub(crate) table: String,
}

/// The session that the cart belongs to is over: it was merged into an account's cart, or its owner has logged out or
/// deleted the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the cart is closed")]
pub struct CartClosed;

/// Why an item was not put into a cart. Nothing was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PutItemError {
    /// The cart is closed.
    #[error(transparent)]
    Closed(#[from] CartClosed),
    /// There is no such product, or it is not for sale.
    #[error("there is no such product")]
    ProductNotFound,
    /// It holds [`MAX_LINES`] other products.
    #[error("a cart holds at most 50 different products")]
    Full,
}

impl From<CartClosed> for StoreError<PutItemError> {
    fn from(closed: CartClosed) -> Self {
        Self::Refused(closed.into())
    }
}

impl Carts {
    /// The carts table with this name.
    pub fn new(db: Arc<Db>, table: String) -> Self {
        Self { db, table }
    }

    /// A user's or guest's cart. Empty when nothing was put into it yet, or when all of it was ordered.
    pub async fn cart(&self, subject: &UserId) -> Result<Cart, StoreError<CartClosed>> {
        let found = self.find(subject).await?;
        open(found).map_err(StoreError::Refused)
    }

    /// Puts pieces of a product into a cart, in place of those that are in it, at the product's offer of this moment.
    pub async fn put_item(
        &self,
        catalogue: &Catalogue,
        subject: &UserId,
        product: &ProductId,
        quantity: u32,
    ) -> Result<Cart, StoreError<PutItemError>> {
        let (product, mut found) =
            tokio::try_join!(catalogue.product(product), self.find(subject))?;
        let product = product.filter(|product| product.active);
        let product = product.ok_or(StoreError::Refused(PutItemError::ProductNotFound))?;
        for _ in 0..ATTEMPTS {
            let write = self.putting(subject, found.as_ref(), &product.offer(), quantity)?;
            match self.db.write(write).await {
                Ok(Some(item)) => return Ok(CartRecord::read(&item)?.cart),
                // A put gives no item back: it is what was put, or already more than that.
                Ok(None) => return self.cart(subject).await.map_err(closed),
                Err(NotWritten::Condition(item)) => {
                    found = read(item)?;
                }
                Err(NotWritten::Failed(failure)) => return Err(failure.into()),
            }
        }
        Err(Failure::kept_changing("the cart kept changing").into())
    }

    /// Takes a product out of a cart. Removing one that isn't there changes nothing.
    pub async fn remove_item(
        &self,
        subject: &UserId,
        product: &ProductId,
    ) -> Result<Cart, StoreError<CartClosed>> {
        let mut found = self.find(subject).await?;
        for _ in 0..ATTEMPTS {
            let text = found
                .as_ref()
                .and_then(|found| found.texts.get(product))
                .cloned();
            let cart = open(found).map_err(StoreError::Refused)?;
            let Some(text) = text.filter(|_| cart.line(product).is_some()) else {
                return Ok(cart);
            };
            let line = item::line_name(product);
            let remove = self.change(subject).remove(&line);
            let remove = remove.raise("count", -1).raise("removals", 1);
            match self.db.write(remove.only_if(&line, Is::Text(text))).await {
                Ok(Some(item)) => return Ok(CartRecord::read(&item)?.cart),
                // An update gives its item back, so this does not happen.
                Ok(None) => return self.cart(subject).await,
                Err(NotWritten::Condition(item)) => {
                    found = read(item)?;
                }
                Err(NotWritten::Failed(failure)) => return Err(failure.into()),
            }
        }
        Err(Failure::kept_changing("the cart kept changing").into())
    }

    /// Closes the cart of a session that ends. What was in it is gone.
    pub async fn close(&self, subject: &UserId) -> Result<(), Failure> {
        let closed = self.db.write(self.closing(subject)).await;
        closed.applied().map(drop)
    }

    /// The write that closes a cart. One that was merged is closed already, and stays known as that.
    pub(crate) fn closing(&self, subject: &UserId) -> Write {
        let closed = keys::cart(subject)
            .with("state", item::CLOSED)
            .with("expires", item::expires(subject, self.db.now()));
        Write::put(&self.table, closed).only_if("merged_into", Is::Absent)
    }

    /// The write that notes that all of this version of a customer's cart was ordered.
    pub(crate) fn placing(&self, customer: &UserId, version: u64, order: &OrderId) -> Write {
        Write::update(&self.table, keys::cart(customer))
            .set("state", item::PLACED)
            .set("last_order", order.as_str())
            .set("placed_version", version)
            .only_if("version", Is::Number(version))
            .only_if("state", Is::Text(item::OPEN.into()))
    }

    /// The cart's item, if there is one.
    pub(crate) async fn find(&self, subject: &UserId) -> Result<Option<CartRecord>, Failure> {
        let item = self.db.get(&self.table, keys::cart(subject)).await?;
        read(item)
    }

    /// The write that puts a line into a cart which is as it was found. It fails when that has changed in a way that
    /// matters; a line that somebody else puts at the same time does not.
    fn putting(
        &self,
        subject: &UserId,
        found: Option<&CartRecord>,
        offer: &Offer,
        quantity: u32,
    ) -> Result<Write, StoreError<PutItemError>> {
        let now = self.db.now();
        let name = item::line_name(&offer.product_id);
        let mut line = CartLine {
            offer: offer.clone(),
            quantity,
            added_at: now,
        };
        let Some(found) = found else {
            let cart = Cart::of(1, vec![line]);
            return Ok(self.put_over(None, item::open(subject, &cart, None, now)));
        };
        match &found.state {
            CartState::Merged { .. } | CartState::Closed => Err(CartClosed.into()),
            // A placed cart's next write opens it again.
            CartState::Placed => {
                let cart = Cart::of(found.cart.version + 1, vec![line]);
                let opened = item::open(subject, &cart, Some(found), now);
                Ok(self.put_over(Some(found), opened))
            }
            CartState::Open => {
                let next = found.cart.version + 1;
                if let Some(there) = found.cart.line(&offer.product_id) {
                    line.added_at = there.added_at;
                    // In place of the line that was seen, and of no later one: a request that arrives late undoes nothing.
                    let seen = found.texts.get(&offer.product_id);
                    let seen = seen.cloned().unwrap_or_default();
                    let change = self.change(subject).set(&name, item::line(&line, next));
                    return Ok(change.only_if(&name, Is::Text(seen)));
                }
                if found.cart.lines.len() >= MAX_LINES {
                    return Err(StoreError::Refused(PutItemError::Full));
                }
                let change = self.change(subject).set(&name, item::line(&line, next));
                Ok(change
                    .raise("count", 1)
                    .only_if(&name, Is::Absent)
                    // Nor does it put back what was taken out or ordered meanwhile.
                    .only_if("removals", Is::Number(found.removals))
                    .only_if("count", Is::LessThan(MAX_LINES as u64)))
            }
        }
    }

    /// The write that puts `item` in place of a cart that is as it was found.
    fn put_over(&self, found: Option<&CartRecord>, item: Item) -> Write {
        match found {
            None => Write::create(&self.table, item),
            Some(found) => found.if_unchanged(Write::put(&self.table, item)),
        }
    }

    /// The beginning of every change of an open cart.
    fn change(&self, subject: &UserId) -> Write {
        Write::update(&self.table, keys::cart(subject))
            .raise("version", 1)
            .set("expires", item::expires(subject, self.db.now()))
            .only_if("state", Is::Text(item::OPEN.into()))
    }
}

/// What a cart holds for whoever looks at it.
fn open(found: Option<CartRecord>) -> Result<Cart, CartClosed> {
    let Some(found) = found else {
        return Ok(Cart::default());
    };
    match found.state {
        CartState::Open => Ok(found.cart),
        CartState::Placed => Ok(Cart {
            lines: Vec::new(),
            ..found.cart
        }),
        CartState::Merged { .. } | CartState::Closed => Err(CartClosed),
    }
}

fn closed(error: StoreError<CartClosed>) -> StoreError<PutItemError> {
    match error {
        StoreError::Refused(closed) => closed.into(),
        StoreError::Failed(failure) => failure.into(),
    }
}

/// The cart in an item that was read already.
pub(crate) fn read(item: Option<Item>) -> Result<Option<CartRecord>, Failure> {
    Ok(item.map(|item| CartRecord::read(&item)).transpose()?)
}
