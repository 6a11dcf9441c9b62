//! The body of a response.

#[cfg(feature = "files")]
use super::part::FilePart;
#[cfg(feature = "live")]
use crate::live::Events;
use alloc::vec::{self, Vec};
use bytes::{Bytes, BytesMut};
use core::convert::Infallible;
use core::iter::FusedIterator;
use core::pin::Pin;
use core::task::{Context, Poll};
use http_body::{Frame, SizeHint};

/// The body of a response: one slice of the program, or for several ranges a few slices with text
/// between them. Nothing is copied.
///
/// It is an [`http_body::Body`], so hyper and everything above it takes it as it is. Servers that want
/// bytes take [`into_bytes`](Self::into_bytes), which copies only several ranges; servers that write
/// piece by piece iterate over it.
///
/// A file larger than 1 MiB in live mode is not in memory, and neither is what `stamped-build` has left
/// on the disk (`Bundle::leak_on_disk`): the body reads each piece from the disk as the server takes it. If the file changes meanwhile or cannot be read, the body ends before the
/// bytes that [`len`](Self::len) promised. Servers then break off the answer, so that no client takes
/// it for the whole.
///
/// The default is an empty body.
///
/// ```
/// use stamped::http::Body;
///
/// let body = Body::from(bytes::Bytes::from_static(b"body {}"));
/// assert_eq!(body.len(), 7);
/// assert_eq!(body.into_bytes(), "body {}");
/// ```
#[derive(Clone, Debug)]
pub struct Body(Inner);

#[derive(Clone, Debug)]
enum Inner {
    Whole(Piece),
    /// What live mode tells a browser, as long as it listens.
    #[cfg(feature = "live")]
    Events(Events),
    /// At most 17 pieces, none of them empty: eight ranges and what stands around them.
    Parts(vec::IntoIter<Piece>),
}

/// Bytes that lie in one place.
#[derive(Clone, Debug)]
pub(super) enum Piece {
    Bytes(Bytes),
    #[cfg(feature = "files")]
    File(FilePart),
}

impl Piece {
    pub(super) fn len(&self) -> u64 {
        match self {
            Piece::Bytes(bytes) => bytes.len() as u64,
            #[cfg(feature = "files")]
            Piece::File(part) => part.len(),
        }
    }

    fn next_chunk(&mut self) -> Option<Bytes> {
        match self {
            Piece::Bytes(bytes) => Some(core::mem::take(bytes)).filter(|chunk| !chunk.is_empty()),
            #[cfg(feature = "files")]
            Piece::File(part) => part.next_chunk(),
        }
    }
}

impl Body {
    /// An empty body.
    #[must_use]
    pub const fn empty() -> Self {
        Body(Inner::Whole(Piece::Bytes(Bytes::new())))
    }

    pub(super) const fn from_piece(piece: Piece) -> Self {
        Body(Inner::Whole(piece))
    }

    pub(super) fn from_pieces(pieces: Vec<Piece>) -> Self {
        Body(Inner::Parts(pieces.into_iter()))
    }

    #[cfg(feature = "live")]
    pub(super) const fn from_events(events: Events) -> Self {
        Body(Inner::Events(events))
    }

    /// The number of bytes that are left. Zero for the events of live mode, whose number is not known.
    #[must_use]
    pub fn len(&self) -> u64 {
        match &self.0 {
            Inner::Whole(piece) => piece.len(),
            #[cfg(feature = "live")]
            Inner::Events(_) => 0,
            Inner::Parts(pieces) => pieces.as_slice().iter().map(Piece::len).sum(),
        }
    }

    /// Whether no bytes are left.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All bytes in one piece. Copies several ranges, and reads a file on the disk; every other body is in
    /// one piece already.
    #[must_use]
    pub fn into_bytes(self) -> Bytes {
        let mut body = match self.0 {
            Inner::Whole(Piece::Bytes(bytes)) => return bytes,
            inner => Body(inner),
        };
        let length = usize::try_from(body.len()).unwrap_or(0);
        let mut whole = BytesMut::with_capacity(length);
        while let Some(chunk) = body.next_chunk() {
            whole.extend_from_slice(&chunk);
        }
        whole.freeze()
    }

    #[cfg(feature = "live")]
    pub(super) fn into_pieces(self) -> Vec<Piece> {
        match self.0 {
            Inner::Whole(piece) if piece.len() == 0 => Vec::new(),
            Inner::Whole(piece) => alloc::vec![piece],
            Inner::Parts(pieces) => pieces.collect(),
            Inner::Events(_) => Vec::new(),
        }
    }

    /// The number of bytes that are left; `None` for events, which do not end.
    pub(crate) fn known_len(&self) -> Option<u64> {
        match &self.0 {
            #[cfg(feature = "live")]
            Inner::Events(_) => None,
            _ => Some(self.len()),
        }
    }

    /// The next piece, once there is one.
    pub(crate) fn poll_chunk(&mut self, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
        match &mut self.0 {
            #[cfg(feature = "live")]
            Inner::Events(events) => events.poll_next(context),
            _ => {
                let _ = context;
                Poll::Ready(self.next_chunk())
            }
        }
    }

    fn next_chunk(&mut self) -> Option<Bytes> {
        match &mut self.0 {
            Inner::Whole(piece) => piece.next_chunk(),
            #[cfg(feature = "live")]
            Inner::Events(events) => events.next_now(),
            Inner::Parts(pieces) => {
                let piece = pieces.as_mut_slice().first_mut()?;
                let chunk = piece.next_chunk();
                if chunk.is_none() {
                    // A file that ended early, and so does the answer.
                    *pieces = Vec::new().into_iter();
                } else if piece.len() == 0 {
                    pieces.next();
                }
                chunk
            }
        }
    }
}

impl Default for Body {
    fn default() -> Self {
        Body::empty()
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Body(Inner::Whole(Piece::Bytes(bytes)))
    }
}

impl From<Body> for Bytes {
    fn from(body: Body) -> Bytes {
        body.into_bytes()
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.get_mut().poll_chunk(context).map(|chunk| chunk.map(|chunk| Ok(Frame::data(chunk))))
    }

    fn is_end_stream(&self) -> bool {
        self.known_len() == Some(0)
    }

    fn size_hint(&self) -> SizeHint {
        self.known_len().map_or_else(SizeHint::new, SizeHint::with_exact)
    }
}

impl IntoIterator for Body {
    type Item = Bytes;
    type IntoIter = Chunks;

    /// The pieces, none of them empty.
    fn into_iter(self) -> Chunks {
        Chunks(self)
    }
}

/// The pieces of a [`Body`], none of them empty.
#[derive(Clone, Debug)]
pub struct Chunks(Body);

impl Iterator for Chunks {
    type Item = Bytes;

    fn next(&mut self) -> Option<Bytes> {
        self.0.next_chunk()
    }
}

impl FusedIterator for Chunks {}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body::Body as _;

    fn polled(mut body: Body) -> Vec<u8> {
        let mut whole = Vec::new();
        let mut context = Context::from_waker(core::task::Waker::noop());
        loop {
            assert_eq!(body.size_hint().exact(), Some(body.len()));
            let is_end = body.is_end_stream();
            match Pin::new(&mut body).poll_frame(&mut context) {
                Poll::Ready(Some(Ok(frame))) => {
                    assert!(!is_end);
                    whole.extend(frame.into_data().unwrap());
                }
                Poll::Ready(None) => {
                    assert!(is_end);
                    return whole;
                }
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn a_body_is_the_same_by_every_way() {
        let parts = [b"one ".as_slice(), b"two ", b"three"]
            .map(|part| Piece::Bytes(Bytes::from_static(part)))
            .to_vec();
        for (body, whole) in [
            (Body::empty(), ""),
            (Body::from(Bytes::from_static(b"one")), "one"),
            (Body::from_pieces(parts), "one two three"),
        ] {
            assert_eq!(body.len(), whole.len() as u64);
            assert_eq!(body.is_empty(), whole.is_empty());
            assert_eq!(polled(body.clone()), whole.as_bytes());
            assert_eq!(body.clone().into_iter().collect::<Vec<_>>().concat(), whole.as_bytes());
            assert_eq!(body.into_bytes(), whole);
        }
    }
}
