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

/// How many events a browser may be behind. A page that misses some is loaded again.
const LONGEST: usize = 64;

/// Says that events were left out.
const LOST: Bytes = Bytes::from_static(b"event: lost\ndata: {}\n\n");

/// How soon, in milliseconds, a browser is to come back when the program has been started again.
pub(super) const RETRY: Bytes = Bytes::from_static(b"retry: 300\n\n");

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
            } else {
                queue.events.clear();
                queue.events.push_back(LOST);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_that_stalls_loads_its_page_again_and_one_that_is_gone_gets_nothing() {
        let mut clients = Clients::default();
        let (mut slow, mut quick, gone) = (clients.join([]), clients.join([]), clients.join([]));
        drop(gone);
        for number in 0..=LONGEST {
            clients.send(&event("changed", &format!("{number}")));
            assert!(quick.next_now().is_some() && quick.next_now().is_none());
        }
        assert_eq!(clients.0.len(), 2);
        assert_eq!((slow.next_now(), slow.next_now()), (Some(LOST), None));
    }
}
