//! Looking after the shop, one operation a file.

mod service;

pub use service::Auditing;

// >>> Written by `cargo shop sync` from infra/. Change the templates, not this.
mod audit_shop;

pub use audit_shop::audit_shop;
// <<<
