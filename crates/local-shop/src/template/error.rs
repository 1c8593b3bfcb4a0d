//! What can be wrong with a template.

use std::path::PathBuf;

/// A template can't be read, with the place and, where there is one, the way out.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// The file can't be opened.
    #[error("{} can't be read ({source}); run this inside a clone of the shop", file.display())]
    Unreadable {
        /// Which file.
        file: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Something in it is not understood.
    #[error("{}:{line}: {what}", file.display())]
    At {
        /// Which file.
        file: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong there.
        what: String,
    },
    /// An operation reads a parameter that nobody has put anywhere.
    #[error("{operation} reads {path}, and the local shop's keys have nothing for it")]
    NoParameter {
        /// The operation.
        operation: String,
        /// The parameter's path.
        path: String,
    },
    /// A function may do something with a table or an index that nobody declares.
    #[error("the policy of {operation} allows {grant}, and infra/ declares no such table or index")]
    NoTable {
        /// The operation.
        operation: String,
        /// What it may do with what.
        grant: String,
    },
    /// Lambda can't read the stream or the queue that starts a function, or tell what it gave up.
    #[error(
        "the policy of {operation} does not allow {grant}, which Lambda needs for what starts it; add it"
    )]
    SourceUnread {
        /// The operation.
        operation: String,
        /// What Lambda needs.
        grant: String,
    },
    /// A function may do something that is for streams and queues, and none wants it.
    #[error(
        "the policy of {operation} allows {grant}, for which nothing that starts it has a use; take it out"
    )]
    NoSource {
        /// The operation.
        operation: String,
        /// What is allowed.
        grant: String,
    },
    /// The same name stands for two things of the shop.
    #[error("{kind} {name} is declared twice; names are unique over all of infra/")]
    Twice {
        /// An operation, a route or a table.
        kind: &'static str,
        /// Its name.
        name: String,
    },
}
