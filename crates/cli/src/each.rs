//! Doing one thing to several objects.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

use crate::session::{Failure, Outcome, Session, said};

/// What came of one object.
pub(crate) type Done = Result<(), engine::Error>;

/// How many objects are worked on at once. Source: docker/cli, `defaultParallel` in `cli/command/container/utils.go`.
const PARALLEL: usize = 50;

/// Runs all futures, up to [`PARALLEL`] of them side by side, and returns their results in order.
pub(crate) async fn all<T>(futures: Vec<impl Future<Output = T>>) -> Vec<T> {
    let mut waiting: Vec<(Pin<Box<_>>, Option<T>)> =
        futures.into_iter().map(|f| (Box::pin(f), None)).collect();
    poll_fn(|cx| {
        let mut running = 0;
        for (future, result) in waiting.iter_mut().filter(|(_, result)| result.is_none()) {
            match future.as_mut().poll(cx) {
                Poll::Ready(value) => *result = Some(value),
                Poll::Pending => running += 1,
            }
            if running == PARALLEL {
                break;
            }
        }
        if running > 0 {
            Poll::Pending
        } else {
            Poll::Ready(())
        }
    })
    .await;
    waiting
        .into_iter()
        .filter_map(|(_, result)| result)
        .collect()
}

/// Prints the names of what went well, then all complaints together.
pub(crate) fn report(session: &Session, names: &[String], results: Vec<Done>) -> Outcome {
    let mut complaints = Vec::new();
    for (name, result) in names.iter().zip(results) {
        match result {
            Ok(()) => session.line(name),
            Err(e) => complaints.push(said(&e)),
        }
    }
    match complaints.is_empty() {
        true => Ok(0),
        false => Err(Failure {
            text: complaints.join("\n"),
            code: 1,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;
    use std::task::{Context, Waker};

    #[test]
    fn no_more_than_so_many_run_at_once() {
        let running = Cell::new(0);
        let most = Cell::new(0);
        let one = |n: usize| {
            let (running, most) = (&running, &most);
            let mut left = 3;
            poll_fn(move |_| {
                running.set(running.get() + usize::from(left == 3));
                most.set(most.get().max(running.get()));
                left -= 1;
                if left > 0 {
                    return Poll::Pending;
                }
                running.set(running.get() - 1);
                Poll::Ready(n)
            })
        };
        let mut all = std::pin::pin!(all((0..3 * PARALLEL).map(one).collect()));
        let mut cx = Context::from_waker(Waker::noop());
        let results = loop {
            if let Poll::Ready(results) = all.as_mut().poll(&mut cx) {
                break results;
            }
        };
        assert_eq!(results, (0..3 * PARALLEL).collect::<Vec<_>>());
        assert_eq!(most.get(), PARALLEL);
    }
}
