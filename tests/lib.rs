//! The tests are in `it/`, one binary: a file a subject.
