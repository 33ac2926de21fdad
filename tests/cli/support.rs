//! A home of its own for every run, and a gateway that answers what a test tells it to.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use tempfile::TempDir;

/// A run that takes longer than this is broken.
pub const DEADLINE: Duration = Duration::from_secs(10);

/// Environment variables and their values.
pub type Variables<'a> = &'a [(&'a str, &'a str)];

/// A user's machine with nothing on it: no variables, no config file.
pub struct Home(TempDir);

impl Home {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// A home with this config file, where the platform keeps it.
    pub fn configured(text: &str) -> Self {
        let home = Self::new();
        let place = home.run(&["config", "path"]).out;
        let place = PathBuf::from(place.trim_end());
        std::fs::create_dir_all(place.parent().unwrap()).unwrap();
        std::fs::write(&place, text).unwrap();
        home
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_qwatch"));
        command.args(words).env_clear().env("HOME", self.0.path());
        command.env("XDG_CONFIG_HOME", self.path("xdg")).current_dir(self.0.path());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// A shell's script, for which `"$0" "$@"` is `qwatch` with these words.
    pub fn script(&self, script: &str, words: &[&str]) -> Command {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script, env!("CARGO_BIN_EXE_qwatch")]).args(words).env_clear();
        command
            .env("HOME", self.0.path())
            .env("XDG_CONFIG_HOME", self.path("xdg"))
            .env("PATH", "/usr/bin:/bin");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.current_dir(self.0.path());
        command
    }

    pub fn run(&self, words: &[&str]) -> Ended {
        self.run_with(words, &[])
    }

    pub fn run_with(&self, words: &[&str], variables: Variables<'_>) -> Ended {
        finish(self.command(words).envs(variables.iter().copied()).spawn().unwrap())
    }
}

/// How a run ended, with this home's path shown as `~` so that it can be compared.
#[derive(Debug)]
pub struct Ended {
    /// None when a signal ended it.
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

/// Reads what a program prints until it ends.
pub fn finish(mut child: Child) -> Ended {
    let out = child.stdout.take().map(read);
    let err = child.stderr.take().map(read);
    let mut wait = |text: Option<mpsc::Receiver<String>>| {
        let read = text.map_or(Ok(String::new()), |text| text.recv_timeout(DEADLINE));
        read.unwrap_or_else(|_| {
            let _ = child.kill();
            panic!("the program did not end within {DEADLINE:?}")
        })
    };
    let (out, err) = (wait(out), wait(err));
    Ended { code: child.wait().unwrap().code(), out, err }
}

fn read(mut stream: impl Read + Send + 'static) -> mpsc::Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        let _ = sender.send(text);
    });
    receiver
}

/// What the gateway was asked.
#[derive(Debug)]
pub struct Request {
    /// As it stood in the URL.
    pub query: String,
    /// Names in lower case.
    pub headers: HashMap<String, String>,
    pub body: String,
}

/// What the gateway answers.
#[derive(Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: &'static str,
    pub body: String,
}

impl Answer {
    pub fn ok(body: &str) -> Self {
        Self { status: 200, headers: "", body: body.to_owned() }
    }

    pub fn empty() -> Self {
        Self::ok(r#"{"Messages":[]}"#)
    }

    /// Messages of these ids, the id being the body as well.
    pub fn ids(ids: &[&str]) -> Self {
        let messages: Vec<_> = ids
            .iter()
            .map(|id| serde_json::json!({"MessageId": id, "ReceiptHandle": format!("key-{id}"), "Body": id}))
            .collect();
        Self::ok(&serde_json::json!({ "Messages": messages }).to_string())
    }
}

/// A gateway on loopback that gives its answers in turn, and the last of them for ever.
pub struct Gateway {
    pub url: String,
    requests: mpsc::Receiver<Request>,
}

impl Gateway {
    pub fn answering(answers: Vec<Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/prod", listener.local_addr().unwrap());
        let (sender, requests) = mpsc::channel();
        std::thread::spawn(move || {
            let last = answers.last().cloned().unwrap();
            let mut answers = answers.into_iter();
            for stream in listener.incoming() {
                let Some(request) = serve(stream.unwrap(), || answers.next().unwrap_or_else(|| last.clone()))
                else {
                    continue;
                };
                if sender.send(request).is_err() {
                    return;
                }
            }
        });
        Self { url, requests }
    }

    /// The next request, once it has been made.
    pub fn asked(&self) -> Request {
        self.requests.recv_timeout(DEADLINE).unwrap()
    }

    pub fn was_asked(&self) -> bool {
        self.requests.try_recv().is_ok()
    }
}

fn serve(mut stream: TcpStream, answer: impl FnOnce() -> Answer) -> Option<Request> {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut lines = reader.by_ref().lines();
    let first = lines.next()?.ok()?;
    let target = first.split(' ').nth(1)?;
    let query = target.split_once('?').map_or("", |(_, query)| query).to_owned();
    let headers = lines.map_while(Result::ok).take_while(|line| !line.is_empty());
    let headers = headers.filter_map(|line| {
        let (name, value) = line.split_once(':')?;
        Some((name.to_lowercase(), value.trim().to_owned()))
    });
    let headers: HashMap<String, String> = headers.collect();
    let length = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
    let mut body = String::new();
    reader.take(length).read_to_string(&mut body).ok()?;
    let asked = Request { query, headers, body };
    let Answer { status, headers: extra, body } = answer();
    let head =
        format!("HTTP/1.1 {status} X\r\n{extra}Content-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    // The program may have ended meanwhile.
    let _ = stream.write_all((head + &body).as_bytes());
    Some(asked)
}
