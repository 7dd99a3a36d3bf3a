//! Paths that stand for others: `*`, `?` and `[..]`; `*` does not go beyond a `/`, `**` does.

use glob::{MatchOptions, Pattern};
use stratal_core::{Error, ErrorKind, Result};

const SPECIAL: [char; 3] = ['*', '?', '['];
const OPTIONS: MatchOptions = MatchOptions { case_sensitive: true, require_literal_separator: true, require_literal_leading_dot: false };

/// A path, or a part of one, with characters that stand for others.
#[derive(Clone, Debug)]
pub struct Glob(Pattern);

impl Glob {
    /// Reads a glob, which errors call `shown`.
    ///
    /// # Errors
    /// `BadValue` for a bracket that is not closed, and for `**` beside other characters.
    pub fn new(text: &str, shown: &str) -> Result<Self> {
        let pattern = Pattern::new(text);
        pattern.map(Glob).map_err(|error| Error::new(ErrorKind::BadValue, format!("{shown:?} is no glob: {error}")))
    }

    /// Whether it stands for this path, among others.
    pub fn matches(&self, path: &str) -> bool {
        self.0.matches_with(path, OPTIONS)
    }
}

/// Whether a path has characters that stand for others.
pub fn is_glob(path: &str) -> bool {
    path.contains(SPECIAL)
}

/// The part of a glob that stands as it is: the directories before the first that holds a special character.
pub fn fixed(path: &str) -> &str {
    let special = path.find(SPECIAL).unwrap_or(path.len());
    path[..special].rfind('/').map_or("", |at| &path[..at.max(usize::from(path.starts_with('/')))])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fixed_part_of_a_glob_ends_before_the_first_special_directory() {
        let cases =
            [("data/*.csv", "data"), ("*.csv", ""), ("/*.csv", "/"), ("/a/b?/c/*.csv", "/a"), ("a/b/c.csv", "a/b"), ("a/**/x", "a")];
        for (path, wanted) in cases {
            assert_eq!(fixed(path), wanted, "{path}");
        }
    }

    #[test]
    fn globs_match_paths() {
        let matches = |glob: &str, path: &str| Glob::new(glob, glob).unwrap().matches(path);
        for (glob, path) in [
            ("*.npy", "a.npy"),
            ("a*b*c", "axxbyyc"),
            ("x?.npy", "x1.npy"),
            ("[0-9][!a].npy", "5b.npy"),
            ("*", ""),
            ("[]x]", "]"),
            (".*", ".a"),
            ("a/*/c", "a/b/c"),
            ("a/**/c", "a/b/b/c"),
        ] {
            assert!(matches(glob, path), "{glob} {path}");
        }
        for (glob, path) in
            [("*.npy", "a.npz"), ("x?.npy", "x.npy"), ("[0-9]", "a"), ("a*b", "ac"), ("ab", "abc"), ("a/*", "a/b/c"), ("A", "a")]
        {
            assert!(!matches(glob, path), "{glob} {path}");
        }
    }

    #[test]
    fn what_is_no_glob_is_named() {
        let error = Glob::new("a[", "s3://lake/a[").unwrap_err();
        assert!(error.kind() == ErrorKind::BadValue && error.message().contains("s3://lake/a["), "{error}");
    }
}
