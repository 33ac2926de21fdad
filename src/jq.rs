//! A jq expression on a body, evaluated by jaq in a process of its own: an expression can run for ever or fill the
//! memory, and a thread cannot be stopped.

use std::io::{self, Read as _, Write};
use std::process::{ExitCode, Stdio};
use std::time::Duration;

use jaq_core::load::{self, Arena, File, Loader};
use jaq_core::{Compiler, Ctx, Vars, data, unwrap_valr};
use jaq_json::{Val, read};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::Command;
use tokio::time::timeout;

/// The argument by which the program calls itself.
pub const WORKER: &str = "--evaluate-jq";
/// Longer than this nobody waits for an answer.
const PATIENCE: Duration = Duration::from_secs(2);
/// Bytes of an answer that are shown.
const LONGEST: u64 = 1 << 20;
/// Bytes of memory that an evaluation may take: a body has 1 MiB.
#[cfg(unix)]
const MEMORY: u64 = 512 << 20;

/// Evaluates an expression on a JSON text: each output in a line of its own.
///
/// # Errors
/// A sentence: the expression is wrong, the body is no JSON, or it took too long or too much.
pub async fn evaluate(expression: &str, input: String) -> Result<String, String> {
    let program = std::env::current_exe().map_err(|error| format!("cannot find qwatch itself: {error}"))?;
    let spawned = Command::new(program)
        .arg(WORKER)
        .arg(expression)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn();
    let mut child = spawned.map_err(|error| format!("cannot start the evaluation: {error}"))?;
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let work = async {
        let feed = async {
            if let Some(mut stdin) = stdin {
                // Whoever has seen enough of it closes the pipe.
                let _ = stdin.write_all(input.as_bytes()).await;
            }
        };
        let (mut answer, mut complaint) = (Vec::new(), Vec::new());
        let read = async {
            if let Some(stdout) = stdout {
                let _ = stdout.take(LONGEST).read_to_end(&mut answer).await;
            }
        };
        let listen = async {
            if let Some(stderr) = stderr {
                let _ = stderr.take(2_000).read_to_end(&mut complaint).await;
            }
        };
        tokio::join!(feed, read, listen);
        (answer, complaint)
    };
    let Ok((answer, complaint)) = timeout(PATIENCE, work).await else {
        return Err(format!("jq: stopped after {} s without an end", PATIENCE.as_secs()));
    };
    let text = String::from_utf8_lossy(&answer).into_owned();
    let complaint = String::from_utf8_lossy(&complaint).trim().to_owned();
    let ended = timeout(PATIENCE, child.wait()).await;
    if answer.len() as u64 == LONGEST {
        return Ok(text + "\n… cut here: the answer is longer than 1 MiB");
    }
    match ended {
        Ok(Ok(status)) if status.success() => Ok(text),
        // What ended by itself says why; what the system ended says what it says to programmers.
        Ok(Ok(status)) if status.code().is_some() && !complaint.is_empty() => Err(format!("jq: {complaint}")),
        _ if complaint.contains("overflowed its stack") => {
            Err("jq: the body, or the expression, is nested too deeply".into())
        }
        _ => Err("jq: the evaluation took more memory than it may, and was stopped".into()),
    }
}

/// The process that evaluates: the expression is its argument, the body its input.
#[must_use]
pub fn work(expression: &str) -> ExitCode {
    bound_memory();
    let mut input = Vec::new();
    let evaluated = match io::stdin().read_to_end(&mut input) {
        Ok(_) => run(expression, &input, &mut io::stdout().lock()),
        Err(error) => Err(error.to_string()),
    };
    match evaluated {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            let _ = write!(io::stderr(), "{why}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(unix)]
fn bound_memory() {
    // Where the system refuses, the time is bounded still.
    let _ = rlimit::setrlimit(rlimit::Resource::AS, MEMORY, MEMORY);
}

#[cfg(not(unix))]
fn bound_memory() {}

fn run(expression: &str, input: &[u8], out: &mut impl Write) -> Result<(), String> {
    let defs = jaq_core::defs().chain(jaq_std::defs()).chain(jaq_json::defs());
    let funs = jaq_core::funs().chain(jaq_std::funs()).chain(jaq_json::funs());
    let arena = Arena::default();
    let file = File { code: expression, path: () };
    let loaded = Loader::new(defs).load(&arena, file);
    let modules = loaded.map_err(|errors| {
        errors.iter().map(|(_, error)| unreadable(expression, error)).next().unwrap_or_default()
    })?;
    let compiled = Compiler::default().with_funs(funs).compile(modules);
    let filter = compiled.map_err(|errors| {
        let undefined = errors.iter().flat_map(|(_, errors)| errors).next();
        undefined.map_or_else(String::new, |(name, what)| format!("there is no {} {name}", what.as_str()))
    })?;
    let input = read::parse_single(input).map_err(|error| format!("the body is no JSON: {error}"))?;
    let context = Ctx::<data::JustLut<Val>>::new(&filter.lut, Vars::new([]));
    for output in filter.id.run((context, input)).map(unwrap_valr) {
        let output = output.map_err(|error| error.to_string())?;
        if writeln!(out, "{output}").is_err() {
            break;
        }
    }
    Ok(())
}

/// What is wrong with the expression, and where.
fn unreadable(expression: &str, error: &load::Error<&str>) -> String {
    // What it found is a part of the expression, so its place tells where.
    let place = |found: &str| {
        let at = (found.as_ptr() as usize).saturating_sub(expression.as_ptr() as usize);
        expression.get(..at).map_or_else(
            || "at the end".to_owned(),
            |before| {
                if found.is_empty() {
                    "at the end".into()
                } else {
                    format!("at character {}", before.chars().count() + 1)
                }
            },
        )
    };
    match error {
        load::Error::Io(errors) => errors.first().map_or_else(String::new, |(_, why)| why.clone()),
        load::Error::Lex(errors) => errors.first().map_or_else(String::new, |(expected, found)| {
            format!("a {} is missing {}", expected.as_str(), place(found))
        }),
        load::Error::Parse(errors) => errors.first().map_or_else(String::new, |(expected, found)| {
            format!("a {} is missing {}", expected.as_str(), place(found))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(expression: &str, input: &str) -> Result<String, String> {
        let mut out = Vec::new();
        run(expression, input.as_bytes(), &mut out)?;
        Ok(String::from_utf8(out).expect("text"))
    }

    #[test]
    fn each_output_is_a_line() {
        assert_eq!(answer(".items[] | .n + 1", r#"{"items":[{"n":1},{"n":2}]}"#), Ok("2\n3\n".into()));
        assert_eq!(answer(".n", r#"{"n":12345678901234567890.10}"#), Ok("12345678901234567890.10\n".into()));
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        for (expression, said) in [
            (".a[", "a closing bracket is missing at the end"),
            ("foo(1)", "there is no filter foo"),
            (".a | §", "a token is missing at character 6"),
            (". as $x", "a | is missing at the end"),
        ] {
            assert_eq!(answer(expression, "{}").expect_err("wrong"), said, "{expression}");
        }
        assert!(answer(".", "not json").expect_err("wrong").starts_with("the body is no JSON"));
    }
}
