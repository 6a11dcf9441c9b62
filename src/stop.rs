//! The signals that ask the process to end.

use std::pin::{Pin, pin};
use std::task::Poll;

/// Completes when the process receives a signal to stop. From the first poll on, these signals no longer
/// end the process by themselves.
#[cfg(unix)]
pub(crate) async fn signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let signals = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()));
    let (Ok(mut interrupt), Ok(mut terminate)) = signals else {
        return std::future::pending().await;
    };
    std::future::poll_fn(|context| {
        let stopped =
            interrupt.poll_recv(context).is_ready() || terminate.poll_recv(context).is_ready();
        if stopped { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

/// Completes when the process receives a signal to stop.
#[cfg(not(unix))]
pub(crate) async fn signal() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// What a future comes to, unless `stop` completes before it. Then `stop` is not to be asked again.
pub(crate) async fn unless<F: Future>(
    mut stop: Pin<&mut impl Future<Output = ()>>,
    future: F,
) -> Option<F::Output> {
    let mut future = pin!(future);
    std::future::poll_fn(|context| match stop.as_mut().poll(context) {
        Poll::Ready(()) => Poll::Ready(None),
        Poll::Pending => future.as_mut().poll(context).map(Some),
    })
    .await
}
