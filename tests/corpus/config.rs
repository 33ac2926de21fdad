//! The config file: settings, or one sentence of what is wrong with it.

use std::path::PathBuf;

use qwatch::config::{ConfigError, Loaded, Overrides, resolve};
use qwatch::text::visible;

const SECRET: &str = "hunter2-hunter2";

/// The input is the file.
pub fn holds(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    // Where no file is, so that none is read by a relative name.
    let path = PathBuf::from("/nowhere/config.toml");
    let loaded = match Loaded::from_text(text.clone().into_owned(), path) {
        Ok(loaded) => loaded,
        Err(error) => return says_where(&error, &text),
    };
    let environment = |name: &str| (!name.is_empty()).then(|| SECRET.to_owned());
    if let Err(error) = resolve(&["orders".to_owned()], &Overrides::default(), &loaded, &environment)
        && matches!(error, ConfigError::Asked(_))
    {
        says_where(&error, &text);
    }
    // What stands in the way of the endpoints is found first, and the looks by themselves.
    if let Err(error) = resolve(&[], &Overrides::default(), &loaded, &environment) {
        says_where(&error, &text);
        if let Err(error) = loaded.look() {
            says_where(&error, &text);
        }
    }
}

fn says_where(error: &ConfigError, text: &str) {
    let said = error.to_string();
    assert_eq!(visible(&said), said);
    assert!(!said.contains(SECRET), "{said}");
    if let ConfigError::InFile { line, what, .. } = error {
        assert!((1..=text.matches('\n').count() + 1).contains(line), "{said}");
        assert!(!what.is_empty());
    }
}
