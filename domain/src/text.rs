//! Enums as text: one macro, so that the store, JSON and CSS attributes use the same word. And texts as sentences.

/// Declares an enum whose every value has one lower-case word: `as_str`, `FromStr`, serde and (with the feature
/// `sqlx`) a TEXT column all use it.
#[macro_export]
macro_rules! text_enum {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub enum $name {
            $($(#[$vmeta])* #[serde(rename = $text)] $variant),+
        }

        impl $name {
            /// Every value, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word for it in the store, in JSON and in `data-*` attributes.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::text::UnknownWord;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $($text => Ok(Self::$variant),)+
                    _ => Err($crate::text::UnknownWord { expected: &[$($text),+] }),
                }
            }
        }

        #[cfg(feature = "sqlx")]
        impl<DB: sqlx::Database> sqlx::Type<DB> for $name where String: sqlx::Type<DB> {
            fn type_info() -> DB::TypeInfo { <String as sqlx::Type<DB>>::type_info() }
            fn compatible(ty: &DB::TypeInfo) -> bool { <String as sqlx::Type<DB>>::compatible(ty) }
        }

        #[cfg(feature = "sqlx")]
        impl<'q, DB: sqlx::Database> sqlx::Encode<'q, DB> for $name where String: sqlx::Encode<'q, DB> {
            fn encode_by_ref(
                &self,
                buffer: &mut <DB as sqlx::Database>::ArgumentBuffer,
            ) -> Result<sqlx::encode::IsNull, sqlx::error::BoxDynError> {
                <String as sqlx::Encode<'q, DB>>::encode(self.as_str().to_owned(), buffer)
            }
        }

        #[cfg(feature = "sqlx")]
        impl<'r, DB: sqlx::Database> sqlx::Decode<'r, DB> for $name where &'r str: sqlx::Decode<'r, DB> {
            fn decode(value: <DB as sqlx::Database>::ValueRef<'r>) -> Result<Self, sqlx::error::BoxDynError> {
                Ok(<&'r str as sqlx::Decode<'r, DB>>::decode(value)?.parse::<Self>()?)
            }
        }
    };
}

/// A word outside the list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected one of: {}", expected.join(", "))]
pub struct UnknownWord {
    /// The words that would do.
    pub expected: &'static [&'static str],
}

/// Whether `text` is fit to be an identifier or a name: it holds no control character. NUL is the worst of them, because
/// PostgreSQL's texts cannot hold it.
pub fn is_clean(text: &str) -> bool {
    !text.chars().any(char::is_control)
}

/// Whether `text` is a name for people: 1 to 100 characters, not all of them blanks, none a control character.
pub fn is_name(text: &str) -> bool {
    (1..=100).contains(&text.trim().chars().count()) && is_clean(text.trim())
}

/// `text` with U+FFFD in place of every control character, so that it can be stored and shown whoever wrote it.
pub fn cleaned(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

/// `text` as a sentence: with a capital letter first and a full stop last.
pub fn sentence(text: &str) -> String {
    let text = text.trim_end();
    let mut chars = text.chars();
    let Some(first) = chars.next() else { return String::new() };
    let stop = if text.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{}{}{stop}", first.to_uppercase(), chars.as_str())
}

#[cfg(test)]
mod tests {
    use super::{cleaned, is_clean, sentence};

    #[test]
    fn control_characters_are_found_and_replaced() {
        for (text, expected) in
            [("a\0b", "a\u{fffd}b"), ("\u{85}\n", "\u{fffd}\u{fffd}"), ("é\t", "é\u{fffd}")]
        {
            assert!(!is_clean(text));
            assert_eq!(cleaned(text), expected);
        }
        assert!(is_clean("ü 1") && is_clean(""));
    }

    #[test]
    fn sentences_begin_with_a_capital_letter_and_end() {
        for (text, expected) in [
            ("the body is empty", "The body is empty."),
            ("Done.", "Done."),
            ("what now?", "What now?"),
            ("élan (line 1)\n", "Élan (line 1)."),
            ("/id: 7 is no text", "/id: 7 is no text."),
            ("", ""),
        ] {
            assert_eq!(sentence(text), expected);
        }
    }
}
