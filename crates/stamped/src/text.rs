//! The contents that are text.

/// Bytes that are known to be UTF-8.
#[derive(Clone, Copy, Debug)]
pub struct Text {
    /// Always UTF-8.
    bytes: &'static [u8],
}

/// Text that the linker places in the program. It cannot be made: a program declares that a symbol
/// is one, in an `unsafe extern` block, and answers for its being UTF-8 there.
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

    pub(crate) fn as_bytes(self) -> &'static [u8] {
        self.bytes
    }
}

/// Declares the two areas of contents in a static library.
///
/// The promises that are made to the compiler: the build script wrote the library, it has these
/// symbols of these lengths, named by the hash of what they hold, and the first is UTF-8, being a
/// `String` there.
#[doc(hidden)]
#[macro_export]
macro_rules! __link_contents {
    (library $library:literal
     $text:ident $text_symbol:literal $text_length:literal
     $binary:ident $binary_symbol:literal $binary_length:literal) => {
        #[link(name = $library, kind = "static")]
        unsafe extern "C" {
            #[link_name = $text_symbol]
            safe static $text: $crate::LinkedText<$text_length>;
            #[link_name = $binary_symbol]
            safe static $binary: [u8; $binary_length];
        }
    };
}
