//! The browsers that wait for changes, by Server-Sent Events
//! ([HTML, section 9.2](https://html.spec.whatwg.org/multipage/server-sent-events.html)).

use alloc::collections::VecDeque;
use alloc::format;
use alloc::sync::{Arc, Weak};
use alloc::vec::Vec;
use bytes::Bytes;
use core::task::{Context, Poll, Waker};
use std::sync::{Mutex, PoisonError};

/// All browsers that listen to a session.
#[derive(Debug, Default)]
pub(super) struct Clients(Vec<Weak<Mutex<Queue>>>);

/// What a browser has not taken yet.
#[derive(Debug, Default)]
struct Queue {
    events: VecDeque<Bytes>,
    waker: Option<Waker>,
}

/// How many events a browser may be behind. One that stalls gets a page that is loaded again.
const LONGEST: usize = 64;

/// The events for one browser. It never ends.
#[derive(Clone, Debug)]
pub(crate) struct Events(Arc<Mutex<Queue>>);

impl Clients {
    /// A new one, with what it is to know first.
    pub(super) fn join(&mut self, first: impl IntoIterator<Item = Bytes>) -> Events {
        let queue = Queue { events: first.into_iter().collect(), waker: None };
        let queue = Arc::new(Mutex::new(queue));
        self.0.push(Arc::downgrade(&queue));
        Events(queue)
    }

    /// Sends an event to all.
    pub(super) fn send(&mut self, event: &Bytes) {
        self.0.retain(|client| {
            let Some(queue) = client.upgrade() else { return false };
            let mut queue = queue.lock().unwrap_or_else(PoisonError::into_inner);
            if queue.events.len() < LONGEST {
                queue.events.push_back(event.clone());
            }
            if let Some(waker) = queue.waker.take() {
                waker.wake();
            }
            true
        });
    }
}

/// An event with data on one line.
pub(super) fn event(name: &str, data: &str) -> Bytes {
    format!("event: {name}\ndata: {data}\n\n").into()
}

/// A line that says nothing, so that a connection whose other end is gone is noticed.
pub(super) const HEARTBEAT: Bytes = Bytes::from_static(b":\n\n");

impl Events {
    pub(crate) fn poll_next(&mut self, context: &Context<'_>) -> Poll<Bytes> {
        let mut queue = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(event) = queue.events.pop_front() {
            return Poll::Ready(event);
        }
        queue.waker = Some(context.waker().clone());
        Poll::Pending
    }

    /// The next event, if there is one now.
    pub(crate) fn next_now(&mut self) -> Option<Bytes> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).events.pop_front()
    }
}
