//! The columns of the list of messages, by the names that the config file and the screen use.

use std::fmt;

use crate::filter::Path;
use crate::text::nearest;

/// One column.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Column {
    /// How long ago it was sent; where that is not said, how long ago it was first received.
    Age,
    /// Its receives by anyone.
    Receives,
    /// Its `MessageGroupId`; no column where no message in view has one.
    Group,
    /// Bytes of the body.
    Size,
    /// The body's beginning. It takes the room that is left.
    Body,
    /// Its id.
    Id,
    /// When it was sent, by the wall clock in UTC.
    Sent,
    /// When it was received last, by the wall clock in UTC.
    Received,
    /// A system attribute.
    Attribute(String),
    /// A custom attribute.
    Custom(String),
    /// A value in a JSON body.
    Value(Path),
}

impl Column {
    /// Those that need no name of something else.
    pub const PLAIN: [Self; 8] = [
        Self::Age,
        Self::Receives,
        Self::Group,
        Self::Size,
        Self::Id,
        Self::Sent,
        Self::Received,
        Self::Body,
    ];

    /// What is shown unless somebody asks otherwise.
    #[must_use]
    pub fn usual() -> Vec<Self> {
        vec![Self::Age, Self::Receives, Self::Group, Self::Size, Self::Body]
    }

    /// What stands above it: the last word of a long name.
    #[must_use]
    pub fn title(&self) -> String {
        match self {
            Self::Attribute(name) | Self::Custom(name) => name.clone(),
            Self::Value(path) => path.to_string().trim_start_matches('.').to_owned(),
            plain => plain.to_string(),
        }
    }
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Age => f.pad("age"),
            Self::Receives => f.pad("recv"),
            Self::Group => f.pad("group"),
            Self::Size => f.pad("size"),
            Self::Body => f.pad("body"),
            Self::Id => f.pad("id"),
            Self::Sent => f.pad("sent"),
            Self::Received => f.pad("received"),
            Self::Attribute(name) => f.pad(&format!("attr.{name}")),
            Self::Custom(name) => f.pad(&format!("custom.{name}")),
            Self::Value(path) => f.pad(&format!("body{path}")),
        }
    }
}

impl std::str::FromStr for Column {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let named =
            |prefix: &str| text.strip_prefix(prefix).filter(|name| !name.is_empty()).map(str::to_owned);
        if let Some(plain) = Self::PLAIN.into_iter().find(|column| column.to_string() == text) {
            return Ok(plain);
        }
        if let Some(name) = named("attr.") {
            return Ok(Self::Attribute(name));
        }
        if let Some(name) = named("custom.") {
            return Ok(Self::Custom(name));
        }
        if text.starts_with("body.") || text.starts_with("body[") {
            let path: Path = text["body".len()..].parse()?;
            return Ok(Self::Value(path));
        }
        let plain: Vec<String> = Self::PLAIN.iter().map(ToString::to_string).collect();
        let near = nearest(text, plain.iter().map(String::as_str));
        let meant = near.map_or_else(
            || format!("{}, attr.NAME, custom.NAME or body.KEY", plain.join(", ")),
            |near| format!("did you mean {near}?"),
        );
        Err(format!("{text:?} is no column: {meant}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_is_written_as_it_is_read() {
        for text in
            ["age", "recv", "id", "attr.SenderId", "custom.kind", "body.items[0].sku", "body[\"a b\"]"]
        {
            assert_eq!(text.parse::<Column>().map(|column| column.to_string()), Ok(text.to_owned()));
        }
        assert_eq!("szie".parse::<Column>(), Err("\"szie\" is no column: did you mean size?".into()));
        assert!("body.".parse::<Column>().is_err());
    }
}
