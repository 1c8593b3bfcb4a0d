//! A look through a file of the store's source for calls of a `Db`'s doors.

use std::collections::BTreeSet;

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::{
    Expr, ExprMethodCall, ExprPath, Field, FieldPat, ImplItemFn, ItemFn, ItemImpl, ItemMod,
    ItemType, Local, Macro, Member, Pat, PatType, PathSegment, ReturnType, Signature, Token, Type,
    UseRename,
    punctuated::Punctuated,
    visit::{self, Visit},
};

use super::{
    sites::{At, Place},
    source::{Source, is_test, type_name},
};

/// Adds the calls of these doors in a file, and what keeps others from being found.
pub fn scan(file: &str, parsed: &syn::File, doors: &BTreeSet<String>, source: &mut Source) {
    let mut scan = Scan {
        file,
        doors,
        within: Vec::new(),
        source,
    };
    scan.visit_file(parsed);
}

/// Whether an expression is a `Db`, which is always called `db`.
fn is_db(expression: &Expr) -> bool {
    match expression {
        Expr::Field(it) => matches!(&it.member, Member::Named(name) if name == "db"),
        Expr::MethodCall(it) => it.method == "db" && it.args.is_empty(),
        Expr::Path(it) => it.path.is_ident("db"),
        Expr::Paren(it) => is_db(&it.expr),
        Expr::Reference(it) => is_db(&it.expr),
        Expr::Unary(it) => is_db(&it.expr),
        _ => false,
    }
}

/// What in front of a door's name makes it a `Db`'s, where there are only tokens.
const OF_DB: [&str; 3] = [" db . ", " db () . ", " Db : : "];

/// Adds the doors that tokens name as a `Db`'s, where they stand.
fn among(tokens: TokenStream, doors: &BTreeSet<String>, found: &mut Vec<(String, Span)>) {
    let mut before = " ".to_owned();
    for token in tokens {
        let token = match token {
            TokenTree::Group(group) => {
                let inside = group.stream();
                let told = if inside.is_empty() { "()" } else { "(…)" };
                among(inside, doors, found);
                told.to_owned()
            }
            TokenTree::Ident(name) => {
                let told = name.to_string();
                if doors.contains(&told) && OF_DB.iter().any(|it| before.ends_with(it)) {
                    found.push((told.clone(), name.span()));
                }
                told
            }
            TokenTree::Punct(mark) => mark.as_char().to_string(),
            TokenTree::Literal(literal) => literal.to_string(),
        };
        before.push_str(&token);
        before.push(' ');
    }
}

/// Whether a type has `Db` in it.
struct HasDb(bool);

impl HasDb {
    fn of(looked_at: &Type) -> bool {
        let mut has = Self(false);
        has.visit_type(looked_at);
        has.0
    }
}

impl<'ast> Visit<'ast> for HasDb {
    fn visit_path_segment(&mut self, it: &'ast PathSegment) {
        self.0 |= it.ident == "Db";
        visit::visit_path_segment(self, it);
    }
}

/// A look through one file.
struct Scan<'s> {
    file: &'s str,
    doors: &'s BTreeSet<String>,
    /// The type and the function that are looked at.
    within: Vec<String>,
    source: &'s mut Source,
}

impl Scan<'_> {
    fn inside(&mut self, name: String, look: impl FnOnce(&mut Self)) {
        self.within.push(name);
        look(self);
        self.within.pop();
    }

    fn place(&self, span: Span) -> Place {
        (self.file.to_owned(), span.start().line)
    }

    /// Notes a call of this door.
    fn found(&mut self, door: &str, span: Span) {
        let place = self.place(span);
        let name = format!("{} {}: {door}", self.file, self.within.join("::"));
        let again = format!("{name} (");
        let before = self.source.sites.values();
        let before = before.filter(|it| **it == name || it.starts_with(&again));
        let name = match before.count() {
            0 => name,
            before => format!("{again}{})", before + 1),
        };
        if let Some(other) = self.source.sites.insert(place.clone(), name) {
            let at = At(&place);
            let wrong = format!("{at} makes two calls, {other} and {door}: give each a line");
            self.source.wrong.push(wrong);
        }
    }

    /// A call of this door would not be found here.
    fn hidden(&mut self, door: &str, span: Span, instead: &str) {
        let place = self.place(span);
        let at = At(&place);
        let wrong = format!("{at} names Db::{door}: {instead}, or its calls are not found");
        self.source.wrong.push(wrong);
    }

    /// The door that a path leads to, as `Db::get` does.
    fn led_to(&self, path: &ExprPath) -> Option<String> {
        let mut segments = path.path.segments.iter().rev();
        let door = segments.next()?.ident.to_string();
        let is_of_db = match &path.qself {
            Some(of) => HasDb::of(&of.ty),
            None => {
                let of = &segments.next()?.ident;
                let in_db = self.within.first().is_some_and(|within| within == "Db");
                of == "Db" || (of == "Self" && in_db)
            }
        };
        (is_of_db && self.doors.contains(&door)).then_some(door)
    }

    /// A `Db` that is called something else is not known by its name.
    fn misnamed(&mut self, span: Span) {
        let place = self.place(span);
        let at = At(&place);
        let wrong = format!("{at} has a Db: call it db, or its calls are not found");
        self.source.wrong.push(wrong);
    }

    fn look_at(&mut self, signature: &Signature) {
        if let ReturnType::Type(_, output) = &signature.output
            && HasDb::of(output)
            && signature.ident != "db"
        {
            self.misnamed(signature.ident.span());
        }
    }
}

impl<'ast> Visit<'ast> for Scan<'_> {
    fn visit_item_mod(&mut self, it: &'ast ItemMod) {
        if !is_test(&it.attrs) {
            visit::visit_item_mod(self, it);
        }
    }

    fn visit_item_impl(&mut self, it: &'ast ItemImpl) {
        let name = type_name(&it.self_ty);
        self.inside(name, |scan| visit::visit_item_impl(scan, it));
    }

    fn visit_impl_item_fn(&mut self, it: &'ast ImplItemFn) {
        self.look_at(&it.sig);
        let name = it.sig.ident.to_string();
        self.inside(name, |scan| visit::visit_impl_item_fn(scan, it));
    }

    fn visit_item_fn(&mut self, it: &'ast ItemFn) {
        self.look_at(&it.sig);
        let name = it.sig.ident.to_string();
        self.inside(name, |scan| visit::visit_item_fn(scan, it));
    }

    fn visit_expr_method_call(&mut self, it: &'ast ExprMethodCall) {
        let method = it.method.to_string();
        if self.doors.contains(&method) && is_db(&it.receiver) {
            self.found(&method, it.method.span());
        }
        visit::visit_expr_method_call(self, it);
    }

    fn visit_expr_path(&mut self, it: &'ast ExprPath) {
        if let Some(door) = self.led_to(it) {
            let span = it.path.segments[0].ident.span();
            self.hidden(&door, span, &format!("write db.{door}(…)"));
        }
        visit::visit_expr_path(self, it);
    }

    /// What a macro such as `try_join!` is given. Where that is something else than expressions, there must be no call in it.
    fn visit_macro(&mut self, it: &'ast Macro) {
        match it.parse_body_with(Punctuated::<Expr, Token![,]>::parse_terminated) {
            Ok(given) => {
                for expression in &given {
                    visit::visit_expr(self, expression);
                }
            }
            Err(_) => {
                let mut found = Vec::new();
                among(it.tokens.clone(), self.doors, &mut found);
                for (door, span) in found {
                    self.hidden(&door, span, "write it outside of the macro");
                }
            }
        }
    }

    fn visit_use_rename(&mut self, it: &'ast UseRename) {
        if it.ident == "Db" {
            self.misnamed(it.rename.span());
        }
    }

    fn visit_item_type(&mut self, it: &'ast ItemType) {
        if HasDb::of(&it.ty) {
            self.misnamed(it.ident.span());
        }
    }

    fn visit_field_pat(&mut self, it: &'ast FieldPat) {
        let is_kept = match &*it.pat {
            Pat::Ident(name) => name.ident == "db",
            _ => false,
        };
        if let Member::Named(name) = &it.member
            && name == "db"
            && !is_kept
        {
            self.misnamed(name.span());
        }
        visit::visit_field_pat(self, it);
    }

    fn visit_field(&mut self, it: &'ast Field) {
        if let Some(name) = &it.ident
            && HasDb::of(&it.ty)
            && name != "db"
        {
            self.misnamed(name.span());
        }
        visit::visit_field(self, it);
    }

    fn visit_pat_type(&mut self, it: &'ast PatType) {
        if let Pat::Ident(name) = &*it.pat
            && HasDb::of(&it.ty)
            && name.ident != "db"
        {
            self.misnamed(name.ident.span());
        }
        visit::visit_pat_type(self, it);
    }

    fn visit_local(&mut self, it: &'ast Local) {
        if let (Pat::Ident(name), Some(given)) = (&it.pat, &it.init)
            && is_db(&given.expr)
            && name.ident != "db"
        {
            self.misnamed(name.ident.span());
        }
        visit::visit_local(self, it);
    }
}
