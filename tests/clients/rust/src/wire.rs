//! JSON lines in and out: what `tests/support/driven.py` describes.

use std::io::Write;

use anyhow::{Context, Result};
use serde_json::{Map, Value, json};
use tokio::io::{AsyncBufReadExt, BufReader, Lines, Stdin, stdin};

/// Tell the test what was seen.
pub fn saw(kind: &str, what: Value) {
    let mut line = Map::from_iter([("saw".to_owned(), json!(kind))]);
    if let Value::Object(fields) = what {
        line.extend(fields);
    }
    let text = Value::Object(line).to_string();
    let mut out = std::io::stdout().lock();
    if writeln!(out, "{text}").and_then(|()| out.flush()).is_err() {
        std::process::exit(1); // the test is gone
    }
}

/// What the test wants done.
pub struct Command {
    id: u64,
    pub name: String,
    arguments: Map<String, Value>,
}

impl Command {
    /// An argument that is a string.
    pub fn text(&self, name: &str) -> Result<&str> {
        let value = self.arguments.get(name).and_then(Value::as_str);
        value.with_context(|| format!("{} needs {name}", self.name))
    }

    pub fn answer(&self, answer: Result<Value>) {
        let mut fields = match answer {
            Ok(fields) => fields,
            Err(error) => json!({ "error": format!("{error:#}") }),
        };
        fields["id"] = json!(self.id);
        saw("answer", fields);
    }
}

/// The commands of the test, one after the other.
pub struct Commands(Lines<BufReader<Stdin>>);

impl Commands {
    pub fn new() -> Self {
        Self(BufReader::new(stdin()).lines())
    }

    /// The next one; none when the test has gone.
    pub async fn next(&mut self) -> Result<Option<Command>> {
        let Some(line) = self.0.next_line().await? else {
            return Ok(None);
        };
        let mut arguments: Map<String, Value> = serde_json::from_str(&line)?;
        let id = arguments
            .remove("id")
            .and_then(|id| id.as_u64())
            .context("no id")?;
        let name = arguments.remove("do").context("nothing to do")?;
        let name = name.as_str().context("do is no string")?.to_owned();
        Ok(Some(Command {
            id,
            name,
            arguments,
        }))
    }
}
