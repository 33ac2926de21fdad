//! Gateways on loopback: some that behave, and some that break HTTP.

use std::io::Write as _;
use std::sync::{Arc, Mutex};

use axum::Router;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::{HeaderMap, Uri};
use qwatch::source::http::HttpReceive;
use qwatch::source::{Endpoint, Http};
use qwatch::sqs::Message;
use qwatch::wire::{Shape, encode};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use url::Url;

/// A gateway at a URL whose own query must never be repeated in words.
pub fn endpoint(origin: &str) -> Endpoint {
    Endpoint::new("orders".into(), format!("{origin}/prod?queue=only-in-the-url").parse().unwrap())
}

pub fn receive_from(origin: &str) -> HttpReceive {
    Http::new().unwrap().of(endpoint(origin))
}

/// One message, as API Gateway writes it.
pub fn one_message() -> Vec<u8> {
    let message = Message { message_id: "m-1".into(), body: "hello".into(), ..Message::default() };
    encode(Shape::QueryJson, &[message], "r-1")
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// How a gzip stream of nothing but spaces begins, and a mebibyte of it that can be repeated for ever.
pub fn endless_gzip() -> (Vec<u8>, Vec<u8>) {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let mut mebibyte = || {
        encoder.write_all(&vec![b' '; 1 << 20]).unwrap();
        encoder.flush().unwrap();
        std::mem::take(encoder.get_mut())
    };
    (mebibyte(), mebibyte())
}

/// Serves `app` and says where.
pub async fn serve(app: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    origin
}

/// What reached a gateway.
pub type Requests = Arc<Mutex<Vec<(Uri, HeaderMap)>>>;

/// `app`, every request to it written down.
pub fn recorded(app: Router) -> (Router, Requests) {
    let requests = Requests::default();
    let log = Arc::clone(&requests);
    let app = app.layer(axum::middleware::from_fn(
        move |request: axum::extract::Request, next: axum::middleware::Next| {
            log.lock().unwrap().push((request.uri().clone(), request.headers().clone()));
            next.run(request)
        },
    ));
    (app, requests)
}

/// What a raw gateway does when it has said what it has to say.
#[derive(Clone, Copy)]
pub enum Then {
    Close,
    Reset,
    Hold,
    /// Says the last part again until nobody listens.
    Repeat,
}

/// A gateway that answers each connection's first request with these very bytes.
pub async fn raw(says: &[&[u8]], then: Then) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let says: Vec<Vec<u8>> = says.iter().map(|part| part.to_vec()).collect();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            tokio::spawn(answer(stream, says.clone(), then));
        }
    });
    origin
}

async fn answer(mut stream: TcpStream, says: Vec<Vec<u8>>, then: Then) -> std::io::Result<()> {
    read_head(&mut stream).await?;
    for part in &says {
        stream.write_all(part).await?;
    }
    match then {
        Then::Close => stream.shutdown().await,
        Then::Reset => stream.set_zero_linger(),
        Then::Hold => std::future::pending().await,
        Then::Repeat => loop {
            stream.write_all(says.last().unwrap()).await?;
        },
    }
}

async fn read_head(stream: &mut TcpStream) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    Ok(())
}

/// An origin where nobody listens.
pub async fn nobody() -> String {
    // Bound and never listening: a port given back would soon be another test's.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let origin = format!("http://{}", socket.local_addr().unwrap());
    std::mem::forget(socket);
    origin
}

/// A gateway that answers its first request at once and holds the others until told to let go, each announced.
pub async fn holding() -> (String, mpsc::Receiver<()>, Arc<tokio::sync::Notify>) {
    let let_go = Arc::new(tokio::sync::Notify::new());
    let (arrived, arrivals) = mpsc::channel(16);
    let held = Arc::clone(&let_go);
    let app = Router::new().fallback(move || {
        let (arrived, held) = (arrived.clone(), Arc::clone(&held));
        async move {
            arrived.send(()).await.unwrap();
            held.notified().await;
            one_message()
        }
    });
    (serve(app).await, arrivals, let_go)
}

/// The origin's URL with another path.
pub fn at(origin: &str, path: &str) -> Url {
    format!("{origin}{path}").parse().unwrap()
}
