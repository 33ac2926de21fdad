//! How the screen looks and behaves: theme, columns, keys, and what is hidden.

use std::path::Path;

use toml::Spanned;

use super::columns::Column;
use super::credentials::path;
use super::theme::Theme;
use super::{ConfigError, Loaded};
use crate::keys::Keys;
use crate::mask::Mask;
use crate::text::{nearest, visible};

/// How the screen looks and behaves.
#[derive(Clone, Debug)]
pub struct Look {
    /// Whether all endpoints pause while the terminal does not have the focus.
    pub pause_on_blur: bool,
    /// Its colours.
    pub theme: Theme,
    /// The list's columns.
    pub columns: Vec<Column>,
    /// What keys do.
    pub keys: Keys,
    /// What can be hidden.
    pub mask: Mask,
    /// Whether it is hidden from the start.
    pub masked: bool,
}

impl Default for Look {
    fn default() -> Self {
        Self {
            pause_on_blur: false,
            theme: Theme::default(),
            columns: Column::usual(),
            keys: Keys::default(),
            mask: Mask::default(),
            masked: false,
        }
    }
}

impl Look {
    pub(super) fn settle(loaded: &Loaded) -> Result<Self, ConfigError> {
        let (screen, usual) = (&loaded.file.screen, Self::default());
        let theme = screen.theme.as_ref().map(|name| {
            theme(name.get_ref(), loaded)
                .map_err(|what| loaded.error_at(name.span().start, format!("screen.theme: {what}")))
        });
        let columns = screen.columns.as_ref().map(|names| columns(names, loaded));
        let keys = &loaded.file.keys;
        let bound = keys.iter().map(|(name, keys)| (name.clone(), keys.get_ref().clone())).collect();
        let keys = Keys::with(&bound).map_err(|(name, what)| {
            let at = keys.get(&name).map_or(0, |keys| keys.span().start);
            loaded.error_at(at, format!("keys.{}: {what}", visible(&name)))
        })?;
        let mask = &loaded.file.mask;
        Ok(Self {
            pause_on_blur: screen.pause_on_blur,
            theme: theme.transpose()?.unwrap_or(usual.theme),
            columns: columns.transpose()?.unwrap_or(usual.columns),
            keys,
            mask: mask.keys.as_ref().map_or(usual.mask, |keys| Mask::new(keys.iter().map(String::as_str))),
            masked: mask.on,
        })
    }
}

fn columns(names: &Spanned<Vec<Spanned<String>>>, loaded: &Loaded) -> Result<Vec<Column>, ConfigError> {
    let mut columns: Vec<Column> = Vec::new();
    for name in names.get_ref() {
        let wrong = |what: String| loaded.error_at(name.span().start, format!("screen.columns: {what}"));
        let column: Column = name.get_ref().parse().map_err(wrong)?;
        if columns.contains(&column) {
            return Err(wrong(format!("{column} is there twice")));
        }
        columns.push(column);
    }
    if columns.is_empty() {
        let what =
            "screen.columns: a list without columns shows nothing; leave the key out for the usual ones";
        return Err(loaded.error_at(names.span().start, what.to_owned()));
    }
    Ok(columns)
}

/// A theme by its name, or from a file, which is looked for in the config file's folder.
fn theme(name: &str, loaded: &Loaded) -> Result<Theme, String> {
    if let Some(theme) = Theme::named(name) {
        return Ok(theme);
    }
    let is_file = Path::new(name).extension().is_some_and(|extension| extension.eq_ignore_ascii_case("toml"));
    if !is_file {
        let names: Vec<&str> = Theme::names().collect();
        let near = nearest(name, names.iter().copied());
        let meant = near.map_or_else(
            || format!("there are {}, and files whose name ends in .toml", names.join(", ")),
            |near| format!("did you mean {near}?"),
        );
        return Err(format!("there is no theme {:?}; {meant}", visible(name)));
    }
    let file = path(name, loaded.path.as_deref().and_then(Path::parent));
    let shown = visible(&file.display().to_string()).into_owned();
    let text = std::fs::read_to_string(&file).map_err(|error| format!("cannot read {shown}: {error}"))?;
    toml::from_str(&text).map_err(|error| {
        let line = error.span().map_or(0, |span| text[..span.start].matches('\n').count()) + 1;
        format!("{shown}, line {line}: {}", visible(error.message()))
    })
}
