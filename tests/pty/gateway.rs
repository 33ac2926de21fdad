//! A gateway that answers whatever a test wants, to the byte.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use serde_json::{Value, json};

/// A server on loopback, for as long as the test runs.
pub struct Gateway {
    address: SocketAddr,
}

impl Gateway {
    /// Answers each request by its path and query; the answer is the whole response, headers and all.
    pub fn start(answer: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let answer = Arc::new(answer);
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let answer = Arc::clone(&answer);
                // A client that has gone away is no concern of the test.
                thread::spawn(move || connection_answered(connection, &*answer));
            }
        });
        Self { address }
    }

    /// Where a path is.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}/{path}", self.address)
    }
}

fn connection_answered(mut connection: TcpStream, answer: &dyn Fn(&str) -> Vec<u8>) -> Option<()> {
    let (mut request, mut buffer) = (Vec::new(), [0; 4096]);
    while !request.ends_with(b"\r\n\r\n") {
        let count = connection.read(&mut buffer).ok().filter(|count| *count > 0)?;
        request.extend_from_slice(&buffer[..count]);
    }
    let request = String::from_utf8_lossy(&request);
    let path = request.split(' ').nth(1)?;
    connection.write_all(&answer(path)).ok()
}

/// A whole HTTP response.
pub fn response(status: &str, content_type: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: {content_type}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )
    .into_bytes()
}

/// ReceiveMessage's answer in AWS's query JSON.
pub fn received(messages: &[Value]) -> Vec<u8> {
    let messages = if messages.is_empty() { Value::Null } else { messages.into() };
    let body = json!({"ReceiveMessageResponse": {
        "ReceiveMessageResult": {"messages": messages},
        "ResponseMetadata": {"RequestId": "b5a2f1c0"},
    }});
    response("200 OK", "application/json", &body.to_string())
}

/// A message as AWS's query JSON writes it, without attributes.
pub fn message(id: &str, body: &str) -> Value {
    json!({
        "MessageId": id, "ReceiptHandle": format!("AQEB-{id}-handle"), "Body": body,
        "MD5OfBody": qwatch::sqs::digests::md5_of_body(body),
        "MD5OfMessageAttributes": null, "Attributes": null, "MessageAttributes": null,
    })
}

/// A port of loopback where nobody listens: it was bound, and is closed.
pub fn refusing() -> String {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    format!("http://{address}")
}
