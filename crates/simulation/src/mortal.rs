//! A process that dies while it waits.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

/// A future that is given up when it has waited so often. What it awaited goes on without it.
pub(crate) struct Mortal<F> {
    inner: Pin<Box<F>>,
    waits: u64,
    life: Option<u64>,
}

/// How a mortal future ended.
pub(crate) enum End<T> {
    /// It ended by itself, having waited so often.
    Done(T, u64),
    /// It was given up.
    Died,
}

impl<F> Mortal<F> {
    /// A future that may wait `life` times; without one, for ever.
    pub(crate) fn new(inner: F, life: Option<u64>) -> Self {
        Self {
            inner: Box::pin(inner),
            waits: 0,
            life,
        }
    }
}

impl<F: Future> Future for Mortal<F> {
    type Output = End<F::Output>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if let Poll::Ready(output) = self.inner.as_mut().poll(context) {
            return Poll::Ready(End::Done(output, self.waits));
        }
        if self.life == Some(self.waits) {
            return Poll::Ready(End::Died);
        }
        self.waits += 1;
        Poll::Pending
    }
}
