//! The config file: what is taken, what is refused and with which words, and that the sample is the truth.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so by panicking")]

use std::path::{Path, PathBuf};

use qwatch::config::{ConfigError, EXAMPLE, File, Loaded, Look, Overrides, Settings, resolve};
use qwatch::keys::{Action, written};
use qwatch::observation::EndpointName;
use qwatch::source::{Auth, Pace, QueryNames};
use qwatch::sqs::ReceiveParameters;
use qwatch::watch::{Bounds, Prices};

const SECRET: &str = "hunter2";

fn environment(variable: &str) -> Option<String> {
    matches!(variable, "KEY" | "TOKEN" | "ORDERS_API_KEY").then(|| SECRET.to_owned())
}

fn fixtures(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/config").join(folder);
    let mut files: Vec<_> = folder.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() > 4, "{files:?}");
    files
}

/// The file as `qwatch URL` with this file would take it: every endpoint of it resolved, if there is one.
fn read(path: &Path) -> Result<Settings, ConfigError> {
    let loaded = Loaded::read(Some(path))?;
    let all = resolve(&[], &Overrides::default(), &loaded, &environment);
    if loaded.file.endpoint.is_empty() { settings_without_endpoints(&loaded) } else { all }
}

fn settings_without_endpoints(loaded: &Loaded) -> Result<Settings, ConfigError> {
    resolve(&["http://host".to_owned()], &Overrides::default(), loaded, &environment)
}

#[test]
fn every_valid_file_is_taken() {
    for path in fixtures("valid") {
        read(&path).unwrap_or_else(|error| panic!("{error}"));
    }
}

/// What is expected stands at each file's end: `# line 2: …`.
#[test]
fn every_invalid_file_is_refused_in_one_sentence_with_its_line_and_field_and_without_values_that_may_be_secret()
 {
    for path in fixtures("invalid") {
        let text = std::fs::read_to_string(&path).unwrap();
        let (_, expected) = text.rsplit_once("# ").unwrap();
        let error = read(&path).map(|_| path.display().to_string()).unwrap_err().to_string();
        assert_eq!(error, format!("{}, {}", path.display(), expected.trim_end()));
        assert!(!error.contains(SECRET) && !error.contains('\n'), "{error}");
    }
}

#[test]
fn a_file_that_is_no_text_is_refused_by_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("c.toml");
    std::fs::write(&path, b"\xff\xfe").unwrap();
    let error = read(&path).unwrap_err().to_string();
    assert_eq!(error, format!("cannot read {}: it is not UTF-8 text", path.display()));
    assert!(read(folder.path()).unwrap_err().to_string().starts_with("cannot read "));
}

/// The sample with its commented-out endpoint in force: from `# [[endpoint]]` on one `# ` less a line. What is a
/// comment for people stands behind two, and stays one.
fn uncommented() -> String {
    let (before, endpoint) = EXAMPLE.split_once("# [[endpoint]]\n").unwrap();
    let lines = endpoint.lines().map(|line| match line.strip_prefix('#') {
        Some(line) => line.strip_prefix(' ').unwrap_or(line),
        None => line,
    });
    format!("{before}[[endpoint]]\n{}\n", lines.collect::<Vec<_>>().join("\n"))
}

fn loaded(text: &str) -> Loaded {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("c.toml");
    std::fs::write(&path, text).unwrap();
    Loaded::read(Some(&path)).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

#[test]
fn every_setting_of_the_sample_stands_at_its_default() {
    for text in [EXAMPLE.to_owned(), uncommented()] {
        let settings = settings_without_endpoints(&loaded(&text)).unwrap();
        assert_eq!(settings.parameters, ReceiveParameters::default());
        assert_eq!(settings.pace, Pace::default());
        assert_eq!(settings.bounds, Bounds::default());
        assert_eq!(settings.prices, Prices::default());
        let (look, usual) = (settings.look, Look::default());
        assert!(!look.pause_on_blur && !look.masked);
        assert_eq!((look.theme, look.columns), (usual.theme, usual.columns));
        assert_eq!(format!("{:?}", look.mask), format!("{:?}", usual.mask));
    }
}

#[test]
fn the_sample_leaves_no_setting_out() {
    let File { defaults, history, prices, screen, mask, keys, filters, endpoint } =
        File::parse(&uncommented()).unwrap();
    assert!(keys.is_empty(), "the sample binds none: {keys:?}");
    assert!(filters.is_empty(), "the sample names none: {filters:?}");
    let shown = format!("{defaults:?}{history:?}{prices:?}{screen:?}{mask:?}");
    assert!(!shown.contains("None"), "{shown}");
    let query = endpoint[0].query.as_ref().unwrap();
    assert!(!format!("{query:?}").contains("None"), "{query:?}");
}

#[test]
fn the_sample_names_every_action_with_its_keys() {
    let lines: Vec<&str> = EXAMPLE.lines().skip_while(|line| *line != "[keys]").skip(1).collect();
    let lines = lines.iter().take_while(|line| !line.is_empty());
    let bound: Vec<&str> = lines.map(|line| line.strip_prefix("# ").unwrap()).collect();
    let expected: Vec<String> = Action::ALL
        .iter()
        .map(|binding| {
            let keys = binding.keys.iter().copied().map(written).filter(|key| key != "ctrl-c");
            format!("{} = {:?}", binding.action.name(), keys.collect::<Vec<_>>())
        })
        .collect();
    assert_eq!(bound, expected);
    // And all of them together are what there is anyway.
    let text = format!("[[endpoint]]\nname = 'a'\nurl = 'http://a'\n[keys]\n{}\n", bound.join("\n"));
    resolve(&[], &Overrides::default(), &loaded(&text), &environment).unwrap();
}

#[test]
fn the_samples_endpoint_works_once_it_is_uncommented() {
    let settings = resolve(&[], &Overrides::default(), &loaded(&uncommented()), &environment).unwrap();
    let [endpoint] = settings.endpoints.try_into().unwrap();
    assert_eq!(endpoint.name, EndpointName::from("orders"));
    assert_eq!(endpoint.query, QueryNames::default());
    assert_eq!(endpoint.parameters, ReceiveParameters::default());
    assert_eq!(endpoint.guard.limit, qwatch::guard::Limit::Known(5));
    assert!(matches!(endpoint.auth, Auth::ApiKey(_)));
    assert_eq!(endpoint.headers.len(), 1);
}

#[test]
fn settings_shown_for_debugging_hold_no_secret() {
    let text = "[[endpoint]]\nname = 'a'\nurl = 'http://a'\nauth = { api_key_env = 'KEY' }\n\
                headers = { 'x-key' = 'hunter2' }\n[[endpoint]]\nname = 'b'\nurl = 'http://b'\n\
                auth = { token_env = 'TOKEN' }\n";
    let settings = resolve(&[], &Overrides::default(), &loaded(text), &environment).unwrap();
    let shown = format!("{settings:#?}");
    assert!(shown.contains("x-key") && !shown.contains(SECRET), "{shown}");
}
