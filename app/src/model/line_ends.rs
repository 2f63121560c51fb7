//! Line ends across a text field: browsers turn every `\r\n` of a field's value into `\n`.

/// What a field with this `value` means, when it was opened with `original`: the original itself when nothing was
/// typed, and its line ends when it had only `\r\n`. Of mixed line ends the field keeps no memory: they become `\n`.
pub fn from_field(value: &str, original: &str) -> String {
    if value == original.replace("\r\n", "\n").replace('\r', "\n") {
        return original.to_owned();
    }
    let returns = original.matches('\r').count();
    let pairs = original.matches("\r\n").count();
    let only_pairs = pairs > 0 && pairs == returns && pairs == original.matches('\n').count();
    if only_pairs { value.replace('\n', "\r\n") } else { value.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_untouched_field_is_the_original() {
        for original in ["a\r\nb\r\n", "a\nb", "a\r\nb\nc\rd", ""] {
            let value = original.replace("\r\n", "\n").replace('\r', "\n");
            assert_eq!(from_field(&value, original), original);
        }
    }

    #[test]
    fn typing_keeps_the_kind_of_line_end() {
        assert_eq!(from_field("a\nx", "a\r\nb"), "a\r\nx");
        assert_eq!(from_field("a\nx", "a\nb"), "a\nx");
        assert_eq!(from_field("a\nx\nc", "a\r\nb\nc"), "a\nx\nc");
    }
}
