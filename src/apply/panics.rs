//! Panics in a step: defects of jot, reported as failures of that step while the rest of the plan
//! continues.

use std::{
    any::Any,
    cell::RefCell,
    future::poll_fn,
    panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook},
    pin::pin,
    sync::Once,
    task::Poll,
};

use super::{CURRENT, Error};

thread_local! {
    /// Where the last panic of this thread happened, as `src/file.rs:1:2`.
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// The result of the work; [`Error::Panicked`] if it panics.
pub(super) async fn caught<T>(work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    let mut work = pin!(work);
    poll_fn(|context| {
        // The work is never polled again after a panic, so its broken state is never seen.
        let polled = catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context)));
        polled.unwrap_or_else(|payload| Poll::Ready(Err(panicked(&*payload))))
    })
    .await
}

fn panicked(payload: &(dyn Any + Send)) -> Error {
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    Error::Panicked {
        message: text.unwrap_or("it gave no message").to_owned(),
        place: PLACE
            .take()
            .unwrap_or_else(|| "an unknown place".to_owned()),
    }
}

/// Keeps panics of steps off the terminal, which shows progress bars: they are reported as
/// failures.
///
/// Any other panic is printed as before.
pub(super) fn quieten() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = take_hook();
        set_hook(Box::new(move |panic| match CURRENT.try_with(|_| ()) {
            Ok(()) => PLACE.set(panic.location().map(ToString::to_string)),
            Err(_) => before(panic),
        }));
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::StepId;

    #[tokio::test]
    async fn a_panic_is_an_error_with_its_message_and_place() {
        quieten();
        let work = caught::<()>(async { panic!("no step {}", 7) });
        let error = CURRENT.scope(StepId("a:b".to_owned()), work).await;
        let Err(Error::Panicked { message, place }) = error else {
            panic!("{error:?}");
        };
        assert_eq!(message, "no step 7");
        assert!(place.contains("panics.rs:"), "{place}");
    }

    #[tokio::test]
    async fn what_does_not_panic_is_as_it_was() {
        let done = caught(async {
            tokio::task::yield_now().await;
            Ok(1)
        });
        assert_eq!(done.await.unwrap(), 1);
    }
}
