//! stub
pub mod cancellation;
pub mod connection;
pub mod db;
pub mod error;
pub mod item;
pub mod keys;
pub mod retry;
pub mod write;
