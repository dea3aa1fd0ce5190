//! Doing things side by side: services in the order of their dependencies, containers all at once.
//!
//! The first failure ends the whole, and what else was under way is given up, as Compose cancels it.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

use compose::plan::Order;

use crate::session::Failure;

/// Something that is being done.
pub(super) type Doing<'a> = Pin<Box<dyn Future<Output = Result<(), Failure>> + 'a>>;

/// Does everything side by side.
pub(super) async fn all(doing: Vec<Doing<'_>>) -> Result<(), Failure> {
    let mut left = doing;
    poll_fn(|cx| {
        let mut failed = None;
        left.retain_mut(|one| match one.as_mut().poll(cx) {
            Poll::Pending => true,
            Poll::Ready(Ok(())) => false,
            Poll::Ready(Err(failure)) => {
                failed.get_or_insert(failure);
                false
            }
        });
        match failed {
            Some(failure) => Poll::Ready(Err(failure)),
            None if left.is_empty() => Poll::Ready(Ok(())),
            None => Poll::Pending,
        }
    })
    .await
}

/// Visits services in an order, each as soon as those that it waits for are done.
pub(super) async fn in_order<'a>(
    mut order: Order,
    visit: &'a dyn Fn(String) -> Doing<'a>,
) -> Result<(), Failure> {
    let mut doing: Vec<(String, Doing<'a>)> = Vec::new();
    poll_fn(|cx| {
        loop {
            for name in order.take_ready() {
                doing.push((name.clone(), visit(name)));
            }
            let mut failed = None;
            let mut finished = Vec::new();
            doing.retain_mut(|(name, one)| match one.as_mut().poll(cx) {
                Poll::Pending => true,
                Poll::Ready(result) => {
                    finished.push(std::mem::take(name));
                    if let Err(failure) = result {
                        failed.get_or_insert(failure);
                    }
                    false
                }
            });
            if let Some(failure) = failed {
                return Poll::Ready(Err(failure));
            }
            if finished.is_empty() {
                return match doing.is_empty() {
                    true => Poll::Ready(Ok(())),
                    false => Poll::Pending,
                };
            }
            for name in &finished {
                order.done(name);
            }
        }
    })
    .await
}
