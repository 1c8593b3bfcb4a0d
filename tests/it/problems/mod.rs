//! The problems: the page that explains them, and one request that is answered with each.

mod page;
mod provoked;
