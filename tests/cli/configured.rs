//! `qwatch config`: written once, found, and checked.

use crate::support::Home;

#[test]
fn init_writes_the_sample_for_its_owner_alone_and_never_over_a_file() {
    let home = Home::new();
    let place = home.path("xdg/qwatch/config.toml");
    let shown = place.display().to_string();
    assert_eq!(home.run(&["config", "path"]).out, format!("{shown}\n"));
    let ended = home.run(&["config", "init"]);
    assert_eq!((ended.code, ended.out, ended.err), (Some(0), format!("wrote {shown}\n"), String::new()));
    assert_eq!(std::fs::read_to_string(&place).unwrap(), qwatch::config::EXAMPLE);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&place).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let checked = home.run(&["config", "check"]);
    assert_eq!((checked.code, checked.out), (Some(0), format!("{shown} is good: 0 endpoints\n")));

    std::fs::write(&place, "# mine\n").unwrap();
    let ended = home.run(&["config", "init"]);
    assert_eq!(ended.code, Some(1));
    assert_eq!(ended.err, format!("qwatch: {shown} exists already and is left as it is\n"));
    assert_eq!(std::fs::read_to_string(&place).unwrap(), "# mine\n");
}

#[test]
fn init_and_path_take_the_file_that_is_named() {
    let home = Home::new();
    assert_eq!(home.run(&["config", "path", "--config", "mine.toml"]).out, "mine.toml\n");
    assert_eq!(home.run(&["config", "init", "--config", "mine.toml"]).out, "wrote mine.toml\n");
    assert_eq!(
        home.run(&["--config", "mine.toml", "config", "check"]).out,
        "mine.toml is good: 0 endpoints\n"
    );
}

#[test]
fn check_says_what_is_wrong_and_where_with_exit_code_2() {
    let endpoint = "[[endpoint]]\nname = 'a'\nurl = 'http://host'\n";
    let with_key = format!("{endpoint}auth = {{ api_key_env = 'KEY' }}\n");
    let cases = [
        (endpoint.to_owned(), Ok("is good: 1 endpoint")),
        (String::new(), Ok("is good: 0 endpoints")),
        // What holds for every endpoint is looked at without any.
        ("[filters]\nx = 'body.a ='\n".into(), Err(", line 2: filters.x: ")),
        (
            "[screen]\ncolumns = []\n".into(),
            Err(", line 2: screen.columns: a list without columns shows nothing"),
        ),
        ("[prices]\nrest_api = -100.0\n".into(), Err("-100 is no price")),
        (
            "[defaults]\nburst = 0\n".into(),
            Err(", line 2: defaults.burst: must be a whole number from 1 to 100, not 0"),
        ),
        (
            with_key,
            Err(", line 4: endpoint.auth: the environment variable KEY is not set; set it to the secret"),
        ),
    ];
    for (text, expected) in cases {
        let home = Home::new();
        std::fs::write(home.path("c.toml"), &text).unwrap();
        let ended = home.run(&["config", "check", "--config", "c.toml"]);
        match expected {
            Ok(said) => assert_eq!((ended.code, ended.out), (Some(0), format!("c.toml {said}\n"))),
            Err(said) => assert!(ended.code == Some(2) && ended.err.contains(said), "{said}: {ended:?}"),
        }
    }
}

#[test]
fn check_of_no_file_says_how_to_get_one() {
    let home = Home::new();
    let place = home.path("xdg/qwatch/config.toml").display().to_string();
    let ended = home.run(&["config", "check"]);
    let expected =
        format!("qwatch: cannot read {place}: there is no such file; `qwatch config init` writes a sample\n");
    assert_eq!((ended.code, ended.err), (Some(2), expected));
}
