//! Demo data: two accounts and a catalogue. What is there already stays as it is, but that the staff's account is staff at each
//! start.

mod products;

use std::{collections::BTreeSet, sync::Arc};

use domain::{
    AdjustmentReason, Caller, Currency, Email, IdempotencyKey, Money, Password, PasswordHash,
    ProductDraft, ProductId, Role, Secret, UserId, stock::AdjustmentBody,
};
use local_shop::{DynamoDb, Shop};
pub use products::{PRODUCTS, Product};
use store::{Catalogue, Db, StoreError, Users, catalogue::adjust::NewAdjustment, keys};

/// A demo account. Its password is public: it exists on one machine only.
pub struct Account {
    pub email: &'static str,
    pub password: &'static str,
    pub name: &'static str,
    pub role: Role,
    id: [u8; 16],
}

/// Buys.
pub const CUSTOMER: Account = Account {
    email: "customer@example.com",
    password: "oxcart-customer-local",
    name: "Demo Customer",
    role: Role::Customer,
    id: *b"demo-customer-01",
};

/// Runs the shop.
pub const STAFF: Account = Account {
    email: "staff@example.com",
    password: "oxcart-staff-local",
    name: "Demo Staff",
    role: Role::Staff,
    id: *b"demo-staff-00001",
};

impl Account {
    /// As its session names it.
    pub fn caller(&self) -> Caller {
        Caller {
            id: UserId::from_random(self.id),
            role: self.role,
        }
    }
}

/// Demo data could not be written.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    /// The data itself breaks a rule of the shop.
    #[error("demo data breaks a rule of the shop: {0}")]
    Invalid(&'static str),
    /// The templates lack a table.
    #[error("infra/ declares no {0}, which the demo data belongs into")]
    NoTable(&'static str),
    /// The store refuses or fails.
    #[error("demo data of {what} was not written: {reason}")]
    NotWritten {
        /// Which part of it.
        what: &'static str,
        /// Why.
        reason: String,
    },
}

/// Writes what is missing.
pub async fn seed(db: &DynamoDb, shop: &Shop) -> Result<(), SeedError> {
    let table = |id| Ok(shop.table(id).ok_or(SeedError::NoTable(id))?.name.clone());
    let connected = Arc::new(Db::connect(&db.connection()));
    let users = Users::new(connected.clone(), table("UsersTable")?);
    let tables = [table("CartsTable")?, table("OrdersTable")?];
    for account in [&CUSTOMER, &STAFF] {
        if register(&users, account).await? {
            forget_deletion(db, &tables, account).await?;
        }
    }
    let catalogue = Catalogue::new(connected, table("CatalogueTable")?);
    let mut new = BTreeSet::new();
    for product in PRODUCTS {
        new.extend(put(&catalogue, product).await?);
    }
    // What the stream would do moments later; nobody is to find a new shop sold out.
    let shown = catalogue.refresh_available(&new).await;
    shown.map_err(|error| not_written("the catalogue", &error))
}

/// True when the account was not there.
async fn register(users: &Users, account: &Account) -> Result<bool, SeedError> {
    let failed = |error: &dyn std::error::Error| not_written(account.email, error);
    let invalid = SeedError::Invalid(account.email);
    let Ok(email) = Email::parse(account.email) else {
        return Err(invalid);
    };
    let there = users.account(&email).await;
    let is_new = there.map_err(|error| failed(&error))?.is_none();
    if is_new {
        // It is public, so it need not be hard to guess.
        let password = Password::attempt(Secret::new(account.password.to_owned()));
        let salt = edge::random_bytes();
        let salt = salt.map_err(|_| SeedError::NotWritten {
            what: account.email,
            reason: "the system gives no random bytes".into(),
        })?;
        let hash = PasswordHash::derive(&password, salt).map_err(|error| failed(&error))?;
        let name = Some(account.name.to_owned());
        users
            .register(UserId::from_random(account.id), &email, name, &hash, None)
            .await
            .map_err(|error| failed(&error))?;
    }
    if account.role == Role::Staff {
        users
            .grant_staff(&email)
            .await
            .map_err(|error| failed(&error))?;
    }
    Ok(is_new)
}

/// A demo account has the same id each time it is made, so what its deletion left behind is removed. Nobody else's id
/// comes again.
async fn forget_deletion(
    db: &DynamoDb,
    [carts, orders]: &[String; 2],
    account: &Account,
) -> Result<(), SeedError> {
    let id = account.caller().id;
    for (table, key) in [(carts, keys::cart(&id)), (orders, keys::deleted(&id))] {
        let delete = db.client().delete_item().table_name(table);
        let delete = delete.set_key(Some(key.into())).send().await;
        delete.map_err(|error| not_written(account.email, &error))?;
    }
    Ok(())
}

/// The product's id if it is new.
async fn put(catalogue: &Catalogue, product: &Product) -> Result<Option<ProductId>, SeedError> {
    let failed = |error: &dyn std::error::Error| not_written(product.id, error);
    let draft = draft(product).ok_or(SeedError::Invalid(product.id))?;
    let id = draft.id.clone();
    let there = catalogue.product(&id).await;
    let is_new = there.map_err(|error| failed(&error))?.is_none();
    if is_new {
        catalogue.put(draft).await.map_err(|error| failed(&error))?;
    }
    // One key: stock comes in once, however often the shop is started.
    let key = IdempotencyKey::parse("demo-stock").ok_or(SeedError::Invalid("demo-stock"))?;
    let body = AdjustmentBody {
        delta: product.stock,
        reason: AdjustmentReason::Received,
        note: Some("demo data".to_owned()),
    };
    let adjustment = NewAdjustment {
        product_id: id.clone(),
        caller: STAFF.caller(),
        key,
        body,
    };
    match catalogue.adjust(adjustment).await {
        Ok(_) => Ok(is_new.then_some(id)),
        Err(StoreError::Refused(refusal)) => Err(failed(&refusal)),
        Err(StoreError::Failed(failure)) => Err(failed(&failure)),
    }
}

fn draft(product: &Product) -> Option<ProductDraft> {
    Some(ProductDraft {
        id: ProductId::parse(product.id)?,
        title: product.title.to_owned(),
        description: Some(product.description.to_owned()),
        category: Some(product.category.to_owned()),
        price: Money {
            amount: product.cents,
            currency: Currency::parse("USD")?,
        },
        image_url: None,
        active: Some(true),
        buckets: Some(product.buckets),
    })
}

fn not_written(what: &'static str, error: &dyn std::error::Error) -> SeedError {
    let mut reason = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        reason = format!("{reason}: {cause}");
        source = cause.source();
    }
    SeedError::NotWritten { what, reason }
}

#[cfg(test)]
mod tests {
    use local_shop::{Keys, dynamodb::Storage, tables};

    use super::*;
    use crate::project::Project;

    #[tokio::test]
    async fn stock_comes_in_once_and_shows_at_once() {
        let keys = Keys::generate().unwrap();
        let shop = Project::find().unwrap().shop(&keys).unwrap();
        let db = DynamoDb::start(Storage::Memory, 0).await.unwrap();
        tables::create(&db.client(), shop.tables()).await.unwrap();
        seed(&db, &shop).await.unwrap();
        seed(&db, &shop).await.unwrap();
        let table = shop.table("CatalogueTable").unwrap().name.clone();
        let catalogue = Catalogue::new(Arc::new(Db::connect(&db.connection())), table);
        for product in PRODUCTS {
            let id = ProductId::parse(product.id).unwrap();
            let (shown, stock) = catalogue.stock(&id).await.unwrap().unwrap();
            assert_eq!(
                (shown.available, stock.available),
                (product.stock, product.stock)
            );
            assert_eq!(stock.buckets.len(), usize::from(product.buckets));
        }
        let users = Users::new(
            Arc::new(Db::connect(&db.connection())),
            shop.table("UsersTable").unwrap().name.clone(),
        );
        let staff = users
            .account(&Email::parse(STAFF.email).unwrap())
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            (staff.user.id, staff.user.role),
            (STAFF.caller().id, Role::Staff)
        );
    }

    #[tokio::test]
    async fn a_demo_customer_who_left_comes_back_as_a_new_one() {
        let keys = Keys::generate().unwrap();
        let shop = Project::find().unwrap().shop(&keys).unwrap();
        let local = DynamoDb::start(Storage::Memory, 0).await.unwrap();
        tables::create(&local.client(), shop.tables())
            .await
            .unwrap();
        seed(&local, &shop).await.unwrap();
        let db = Arc::new(Db::connect(&local.connection()));
        let table = |id| shop.table(id).unwrap().name.clone();
        let carts = || store::Carts::new(db.clone(), table("CartsTable"));
        let deletion = store::Deletion {
            users: Users::new(db.clone(), table("UsersTable")),
            carts: carts(),
            checkout: store::Checkout::new(
                store::Orders::new(db.clone(), table("OrdersTable")),
                Catalogue::new(db.clone(), table("CatalogueTable")),
            ),
        };
        let customer = CUSTOMER.caller().id;
        deletion.delete(&customer).await.unwrap();
        assert!(carts().cart(&customer).await.is_err());
        seed(&local, &shop).await.unwrap();
        assert!(carts().cart(&customer).await.unwrap().lines.is_empty());
        let key = keys::deleted(&customer);
        assert!(db.get(&table("OrdersTable"), key).await.unwrap().is_none());
    }
}
