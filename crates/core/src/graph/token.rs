//! Tokens: structural hashes by which equal work is known without running it.

use serde::{Deserialize, Serialize};
use std::fmt;
use xxhash_rust::xxh3::Xxh3;

/// A 128-bit structural hash of what a layer does and reads. Equal tokens mean equal results.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Token(pub u128);

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Builds a [`Token`] field by field. Every field is framed by its length, so that `("ab", "c")` and `("a", "bc")` differ.
///
/// ```
/// use stratal_core::graph::Tokenizer;
/// let token = |parts: [&str; 2]| parts.iter().fold(Tokenizer::new("test"), |t, part| t.bytes(part.as_bytes())).finish();
/// assert_ne!(token(["ab", "c"]), token(["a", "bc"]));
/// ```
pub struct Tokenizer(Xxh3);

impl Tokenizer {
    /// Starts a token of a kind of thing; different kinds never have equal tokens.
    pub fn new(kind: &str) -> Self {
        Tokenizer(Xxh3::new()).bytes(kind.as_bytes())
    }

    /// Adds bytes.
    #[must_use]
    pub fn bytes(mut self, bytes: &[u8]) -> Self {
        self.0.update(&(bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
        self
    }

    /// Adds a number.
    #[must_use]
    pub fn number(mut self, number: u64) -> Self {
        self.0.update(&number.to_le_bytes());
        self
    }

    /// Adds another token.
    #[must_use]
    pub fn token(mut self, token: Token) -> Self {
        self.0.update(&token.0.to_le_bytes());
        self
    }

    /// The token of all that was added.
    pub fn finish(self) -> Token {
        Token(self.0.digest128())
    }
}
