//! The contents that are text.

/// Bytes that are known to be UTF-8.
#[derive(Clone, Copy, Debug)]
pub struct Text {
    /// Always UTF-8.
    bytes: &'static [u8],
}

/// Text that the linker places in the program. It cannot be made in safe code: a program declares in
/// an `unsafe extern` block that a symbol is one, and promises there that it is UTF-8.
#[repr(transparent)]
#[derive(Debug)]
pub struct LinkedText<const LENGTH: usize>([u8; LENGTH]);

impl Text {
    /// This text.
    #[must_use]
    pub const fn new(text: &'static str) -> Self {
        Text { bytes: text.as_bytes() }
    }

    /// The text that the linker places there. Its bytes are not looked at, since the compiler, which
    /// may compute this, does not have them.
    #[must_use]
    pub const fn linked<const LENGTH: usize>(text: &'static LinkedText<LENGTH>) -> Self {
        Text { bytes: &text.0 }
    }

    /// The text.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        // To look at the bytes again would cost as much as reading all of the text: each request for
        // a page would pay for what the build script knows.
        //
        // SAFETY: `new` takes a `str`, and a `LinkedText` is UTF-8 by declaration.
        #[allow(unsafe_code)]
        unsafe {
            core::str::from_utf8_unchecked(self.bytes)
        }
    }

    pub(crate) const fn as_bytes(self) -> &'static [u8] {
        self.bytes
    }

    pub(crate) const fn len(self) -> usize {
        self.bytes.len()
    }
}
