//! Doing one thing to several objects.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

use crate::session::{Failure, Outcome, Session, said};

/// What came of one object.
pub(crate) type Done = Result<(), engine::Error>;

/// Runs all futures side by side and returns their results in order.
pub(crate) async fn all<T>(futures: Vec<impl Future<Output = T>>) -> Vec<T> {
    let mut waiting: Vec<(Pin<Box<_>>, Option<T>)> =
        futures.into_iter().map(|f| (Box::pin(f), None)).collect();
    poll_fn(|cx| {
        let mut pending = false;
        for (future, result) in &mut waiting {
            if result.is_none() {
                match future.as_mut().poll(cx) {
                    Poll::Ready(value) => *result = Some(value),
                    Poll::Pending => pending = true,
                }
            }
        }
        if pending {
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
pub(crate) async fn report(session: &Session, names: &[String], results: Vec<Done>) -> Outcome {
    let mut complaints = Vec::new();
    for (name, result) in names.iter().zip(results) {
        match result {
            Ok(()) => session.line(name).await,
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
