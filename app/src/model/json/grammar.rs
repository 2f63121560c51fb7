//! What may follow what inside an object or a list (RFC 8259): one rule for everyone who walks through tokens.

use super::lex::Kind;

/// What may come next inside a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// `{` was there: a key or `}`.
    FirstKey,
    /// A comma was there: a key.
    Key,
    /// A key was there: a colon.
    Colon,
    /// A colon was there: a value.
    Value,
    /// `[` was there: a value or `]`.
    FirstItem,
    /// A comma was there: a value.
    Item,
    /// A value was there: a comma or the end of the object.
    AfterValue,
    /// A value was there: a comma or the end of the list.
    AfterItem,
}

/// What a token is where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The key of a member.
    Key,
    /// A value, or the opening bracket of one.
    Value,
    /// A colon or a comma.
    Mark,
    /// The closing bracket of the container.
    Close,
}

impl Next {
    /// Inside a container that `open` opened.
    pub const fn inside(open: Kind) -> Self {
        if matches!(open, Kind::ObjectOpen) { Self::FirstKey } else { Self::FirstItem }
    }

    /// Takes a token of the container itself: what it is there, or else what would have been right.
    pub const fn take(&mut self, kind: Kind) -> Result<Part, &'static str> {
        let (part, next) = match (*self, kind) {
            (Self::FirstKey | Self::Key, Kind::String) => (Part::Key, Self::Colon),
            (Self::FirstKey | Self::AfterValue, Kind::ObjectClose)
            | (Self::FirstItem | Self::AfterItem, Kind::ArrayClose) => (Part::Close, *self),
            (Self::Colon, Kind::Colon) => (Part::Mark, Self::Value),
            (Self::AfterValue, Kind::Comma) => (Part::Mark, Self::Key),
            (Self::AfterItem, Kind::Comma) => (Part::Mark, Self::Item),
            (Self::Value, kind) if kind.begins_value() => (Part::Value, Self::AfterValue),
            (Self::FirstItem | Self::Item, kind) if kind.begins_value() => (Part::Value, Self::AfterItem),
            (Self::Key | Self::Item, kind) if kind.closes() => {
                return Err("nothing: take out the comma before it");
            }
            (Self::FirstKey | Self::Key, _) => return Err("a key in double quotes"),
            (Self::Colon, _) => return Err("a colon after the key"),
            (Self::Value | Self::FirstItem | Self::Item, _) => return Err("a value"),
            (Self::AfterValue, _) => return Err("a comma or }"),
            (Self::AfterItem, _) => return Err("a comma or ]"),
        };
        *self = next;
        Ok(part)
    }
}
