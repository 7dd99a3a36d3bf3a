//! Values and numbers in messages.

/// The first characters of a long text.
pub(crate) fn shortened(text: &str) -> String {
    if text.chars().count() > 64 { text.chars().take(64).chain(['…']).collect() } else { text.to_owned() }
}

/// `12000` as `12,000`.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_grouped() {
        assert_eq!([7, 999, 1000, 12_000, 1_234_567].map(grouped), ["7", "999", "1,000", "12,000", "1,234,567"]);
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        assert_eq!(shortened("é"), "é");
        assert_eq!(shortened(&"é".repeat(65)), "é".repeat(64) + "…");
    }
}
