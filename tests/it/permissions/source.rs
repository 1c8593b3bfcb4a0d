//! Calls of DynamoDB in the store's source. It is parsed for them: what a door of `Db` is follows from it, too, so that
//! nothing here needs looking after.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use syn::{Attribute, ImplItem, Item, ReturnType, Signature, Type, Visibility};

use super::{scan::scan, sites::Place};

/// What the source has.
#[derive(Default)]
pub struct Source {
    /// By place, what a call is called for good: file, function and door.
    pub sites: BTreeMap<Place, String>,
    /// What keeps calls from being found.
    pub wrong: Vec<String>,
}

impl Source {
    /// The crate whose sources are in this folder.
    pub fn read(folder: &Path) -> Self {
        let files = files(folder.join("lib.rs"), folder);
        let mut source = Self::default();
        let mut doors = BTreeSet::new();
        for (_, file) in &files {
            source.add_doors(file, &mut doors);
        }
        for (path, file) in &files {
            let path = path.strip_prefix(folder).unwrap();
            scan(path.to_str().unwrap(), file, &doors, &mut source);
        }
        source
    }

    /// Adds the doors in this file: functions of `Db` that others may wait for.
    fn add_doors(&mut self, file: &syn::File, doors: &mut BTreeSet<String>) {
        let implementations = file.items.iter().filter_map(|item| match item {
            Item::Impl(it) if it.trait_.is_none() && type_name(&it.self_ty) == "Db" => Some(it),
            _ => None,
        });
        for item in implementations.flat_map(|it| &it.items) {
            let ImplItem::Fn(function) = item else {
                continue;
            };
            if matches!(function.vis, Visibility::Inherited) || !waits(&function.sig) {
                continue;
            }
            let name = function.sig.ident.to_string();
            let mut attributes = function.attrs.iter();
            if attributes.any(|it| it.path().is_ident("track_caller")) {
                doors.insert(name);
            } else {
                self.wrong.push(format!(
                    "Db::{name} does not say where it is called from: write it as the other doors in \
                     crates/store/src/db.rs"
                ));
            }
        }
    }
}

/// This file and the files of its modules below `folder`, parsed. Tests are left out.
fn files(path: PathBuf, folder: &Path) -> Vec<(PathBuf, syn::File)> {
    let text = fs::read_to_string(&path).unwrap();
    let file = syn::parse_file(&text).unwrap();
    let mut found = Vec::new();
    for item in &file.items {
        if let Item::Mod(module) = item
            && module.content.is_none()
            && !is_test(&module.attrs)
        {
            let folder = folder.join(module.ident.to_string());
            let beside = folder.with_extension("rs");
            let inside = folder.join("mod.rs");
            let path = if beside.is_file() { beside } else { inside };
            found.extend(files(path, &folder));
        }
    }
    found.push((path, file));
    found
}

/// Whether an item is there for tests only.
pub fn is_test(attributes: &[Attribute]) -> bool {
    let is_cfg_test = |it: &Attribute| {
        let list = it.meta.require_list();
        list.is_ok_and(|list| list.path.is_ident("cfg") && list.tokens.to_string() == "test")
    };
    attributes.iter().any(is_cfg_test)
}

/// Whether a function is one to wait for.
fn waits(signature: &Signature) -> bool {
    let gives_future = match &signature.output {
        ReturnType::Type(_, output) => matches!(**output, Type::ImplTrait(_)),
        ReturnType::Default => false,
    };
    signature.asyncness.is_some() || gives_future
}

/// The name of a type without what comes before and after it; empty if it has none.
pub fn type_name(of: &Type) -> String {
    let last = match of {
        Type::Path(path) => path.path.segments.last(),
        _ => None,
    };
    last.map(|last| last.ident.to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DB: &str = "
pub struct Db { client: Client }
impl Db {
    pub fn connect() -> Self { Self::new() }
    #[track_caller]
    pub fn get(&self) -> impl Future<Output = ()> { self.get_with() }
    #[track_caller]
    pub fn get_all(&self) -> impl Future<Output = ()> { self.get_with() }
    #[track_caller]
    pub fn write(&self) -> impl Future<Output = ()> { self.write_one() }
    async fn get_with(&self) { self.client.get().await }
}
";

    /// What a crate of a module `db`, like this, and a module `shop`, like that, has.
    fn read(db: &str, shop: &str) -> Source {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        file(
            "lib.rs",
            "mod db;\n#[cfg(test)]\nmod golden;\npub mod shop;\n",
        );
        file("db.rs", db);
        fs::create_dir(folder.path().join("shop")).unwrap();
        file("shop/mod.rs", shop);
        Source::read(folder.path())
    }

    #[test]
    fn calls_of_a_door_are_found_wherever_they_stand_and_nothing_else_is() {
        let shop = "
struct Shop { db: Arc<Db>, map: Map }
impl Shop {
    fn db(&self) -> &Db { &self.db }
    async fn find(&self) {
        self.map.get(); self.db.now(); self.db.get_with();
        self.db
            .get_all()
            .await;
        let found = self.db().get().await;
        tokio::try_join!(self.map.get(), async { self.shop.db.write().await });
        json!({\"a\": self.map.get()});
        if found { (&*self.db).write().await }
    }
}
async fn audit(db: &Db) { loop { db.get().await; } }
#[cfg(test)]
mod tests { fn f(db: &Db) { db.get() } }
";
        let source = read(DB, shop);
        assert_eq!(source.wrong, [""; 0]);
        let sites = source.sites.iter();
        let told = sites.map(|((_, line), name)| format!("{line} {name}"));
        assert_eq!(
            told.collect::<Vec<_>>(),
            [
                "8 shop/mod.rs Shop::find: get_all",
                "10 shop/mod.rs Shop::find: get",
                "11 shop/mod.rs Shop::find: write",
                "13 shop/mod.rs Shop::find: write (2)",
                "16 shop/mod.rs audit: get",
            ]
        );
    }

    #[test]
    fn what_would_keep_a_call_from_being_found_is_told() {
        let shop = "
struct Shop { database: Arc<Db> }
impl Shop {
    fn store(&self) -> &Db { &self.database }
    fn f(&self, other: &Db) { let it = self.db; }
}
fn g(db: &Db) { (db.get(), db.write()) }
";
        let silent = "impl Db { pub async fn scan(&self) {} }";
        let wrong = read(&format!("{DB}{silent}"), shop).wrong.join("\n");
        for told in [
            "Db::scan does not say where it is called from",
            "shop/mod.rs:2 has a Db",
            "shop/mod.rs:4 has a Db",
            "shop/mod.rs:5 has a Db",
            "shop/mod.rs:7 makes two calls",
        ] {
            assert!(wrong.contains(told), "{told}: {wrong}");
        }
        assert_eq!(wrong.matches("shop/mod.rs:5").count(), 2);
    }

    #[test]
    fn a_call_that_is_written_another_way_is_told() {
        let shop = "
use crate::Db as Other;
type Shared = Arc<Db>;
macro_rules! found { ($db:expr) => { $db.get() } }
fn f(db: &Db, map: &Map) {
    Db::get(&db);
    map.iter().map(<Db>::write);
    select! { one = db.get() => one, two = self.db().write() => two, map.get() => 0 }
    assert!(matches!(map, Some(_) if Db::get_all(db)));
    let Shop { db: other, .. } = map;
    let Shop { db, map: _ } = map;
    Map::get(map);
}
impl Db { fn own(&self) { Self::get(self) } }
";
        let source = read(DB, shop);
        assert_eq!(source.sites.len(), 0, "{:?}", source.sites);
        let places = source.wrong.iter().map(|told| {
            let (place, why) = told.split_once(' ').unwrap();
            let line = place.rsplit(':').next().unwrap();
            let (why, _) = why.split_once(':').unwrap();
            format!("{line} {why}")
        });
        let expected = [
            "2 has a Db",
            "3 has a Db",
            "4 names Db",
            "6 names Db",
            "7 names Db",
            "8 names Db",
            "8 names Db",
            "9 names Db",
            "10 has a Db",
            "14 names Db",
        ];
        assert_eq!(places.collect::<Vec<_>>(), expected);
    }
}
