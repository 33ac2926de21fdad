//! Proxies on loopback, each of which writes down what it was told.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// What a proxy was told, a line each.
pub type Told = Arc<Mutex<Vec<String>>>;

/// An HTTP proxy that tunnels: it is told a `CONNECT` with its headers, over TLS where there is an acceptor.
pub async fn tunnelling(over: Option<TlsAcceptor>) -> (String, Told) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let told = Told::default();
    let log = Arc::clone(&told);
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let (log, over) = (Arc::clone(&log), over.clone());
            tokio::spawn(async move {
                match over {
                    Some(acceptor) => tunnel(acceptor.accept(stream).await?, log).await,
                    None => tunnel(stream, log).await,
                }
            });
        }
    });
    (format!("localhost:{port}"), told)
}

async fn tunnel(mut stream: impl AsyncRead + AsyncWrite + Unpin, log: Told) -> std::io::Result<(u64, u64)> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    let head = String::from_utf8(head).unwrap();
    let to = head.split(' ').nth(1).unwrap().to_owned();
    log.lock().unwrap().push(head);
    let mut gateway = TcpStream::connect(to).await?;
    stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
    copy_bidirectional(&mut stream, &mut gateway).await
}

/// A SOCKS5 proxy that wants a user name and a password (RFC 1928 and 1929), and connects everything to `port`.
pub async fn socks(port: u16) -> (String, Told) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let told = Told::default();
    let log = Arc::clone(&told);
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let log = Arc::clone(&log);
            tokio::spawn(async move {
                let _version = stream.read_u8().await?;
                let _methods = short(&mut stream).await?;
                stream.write_all(&[5, 2]).await?;
                let _version = stream.read_u8().await?;
                let (user, password) = (short(&mut stream).await?, short(&mut stream).await?);
                stream.write_all(&[1, 0]).await?;
                let mut request = [0; 4];
                stream.read_exact(&mut request).await?;
                let host = if request[3] == 3 { short(&mut stream).await? } else { "an address".into() };
                if request[3] == 1 {
                    let _address = stream.read_u32().await?;
                }
                let asked = stream.read_u16().await?;
                log.lock().unwrap().push(format!("{user} {password} {host} {asked}"));
                stream.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).await?;
                let mut gateway = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await?;
                copy_bidirectional(&mut stream, &mut gateway).await
            });
        }
    });
    (address.to_string(), told)
}

/// Text after its length in one byte.
async fn short(stream: &mut TcpStream) -> std::io::Result<String> {
    let length = stream.read_u8().await?;
    let mut text = vec![0; length.into()];
    stream.read_exact(&mut text).await?;
    Ok(String::from_utf8(text).unwrap())
}
