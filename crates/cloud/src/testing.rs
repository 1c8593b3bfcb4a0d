//! A service of AWS on loopback, for this crate's tests.

use std::sync::{Arc, Mutex};

use serde_json::Value;
use store::Connection;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// A service on loopback that gives these answers, one to a connection, and what it was asked.
pub(crate) async fn service(answers: Vec<(u16, Value)>) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(Mutex::new(Vec::new()));
    let heard = asked.clone();
    tokio::spawn(async move {
        for (status, body) in answers {
            let (mut stream, _) = listener.accept().await.unwrap();
            let request = read(&mut stream).await;
            heard.lock().unwrap().push(request);
            let body = body.to_string();
            let answer = format!(
                "HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                body.len()
            );
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    (url, asked)
}

async fn read(stream: &mut TcpStream) -> String {
    let mut text = String::new();
    let mut part = [0; 4096];
    loop {
        let length = stream.read(&mut part).await.unwrap();
        text.push_str(&String::from_utf8_lossy(&part[..length]));
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let wanted = head.to_lowercase();
        let wanted = wanted.split("content-length: ").nth(1);
        let wanted = wanted.and_then(|rest| rest.lines().next()?.trim().parse().ok());
        if length == 0 || wanted.is_none_or(|wanted: usize| body.len() >= wanted) {
            return text;
        }
    }
}

/// Whoever asks.
pub(crate) fn connection() -> Connection {
    Connection::local("http://127.0.0.1:1")
}
