//! A function that does what its event says, for this crate's tests. A direct event is the command; of
//! an HTTP request the body is.

use std::{
    env,
    io::{Read, Write},
    net::TcpStream,
    process::exit,
};

use lambda_runtime::{
    Error, LambdaEvent, MetadataPrelude, StreamResponse, run, service_fn,
    streaming::{Body, channel},
};
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    match env::var("PROBE").as_deref() {
        Ok("needs-a-setting") => {
            eprintln!("TABLE is not set");
            exit(1);
        }
        Ok("reports-its-failure") => report_failure(),
        Ok("streams") => run(service_fn(stream)).await,
        _ => run(service_fn(handle)).await,
    }
}

async fn handle(event: LambdaEvent<Value>) -> Result<Value, Error> {
    let LambdaEvent { payload, context } = event;
    if payload.get("requestContext").is_none() {
        return obey(&payload, &context).await;
    }
    let command = payload["body"]
        .as_str()
        .and_then(|body| serde_json::from_str(body).ok());
    let answer = match command {
        Some(command) => obey(&command, &context).await?,
        None => payload,
    };
    Ok(json!({
        "statusCode": 200,
        "headers": {"content-type": "application/json"},
        "body": answer.to_string(),
    }))
}

async fn obey(command: &Value, context: &lambda_runtime::Context) -> Result<Value, Error> {
    match command["do"].as_str().unwrap_or_default() {
        "echo" => Ok(command["value"].clone()),
        "say" => {
            println!("said {}", command["value"]);
            eprintln!("shouted {}", command["value"]);
            Ok(Value::Null)
        }
        "environment" => Ok(env::vars().collect()),
        "context" => Ok(serde_json::to_value(context)?),
        "hold" => Ok(hold(command["gate"].as_str().unwrap_or_default())?.into()),
        "large" => Ok("x".repeat(7_000_000).into()),
        "fail" => Err("the card reader is on fire".into()),
        "exit" => {
            eprintln!("giving up");
            exit(3);
        }
        "fail-midway" => Ok(fail_midway(&context.request_id)?.into()),
        "answer-another" => {
            Ok(tell("invocation/another/response", "content-length: 2\r\n\r\n{}")?.into())
        }
        "hang" => std::future::pending().await,
        other => Err(format!("no such command: {other}").into()),
    }
}

/// Connects to the test, which now knows that this runs, and answers once the test hangs up.
fn hold(gate: &str) -> std::io::Result<usize> {
    TcpStream::connect(gate)?.read(&mut [0])
}

async fn stream(_: LambdaEvent<Value>) -> Result<StreamResponse<Body>, Error> {
    let mut metadata_prelude = MetadataPrelude {
        status_code: 202.try_into()?,
        ..Default::default()
    };
    metadata_prelude
        .headers
        .insert("x-probe", "streamed".parse()?);
    let (mut sender, stream) = channel();
    tokio::spawn(async move {
        for chunk in ["one ", "two ", "three"] {
            if sender.send_data(chunk.into()).await.is_err() {
                return;
            }
        }
    });
    Ok(StreamResponse {
        metadata_prelude,
        stream,
    })
}

/// What runtimes of other languages do when a function's module can't be loaded.
fn report_failure() -> ! {
    let report = r#"{"errorType":"Probe.NoSecret","errorMessage":"the secret is gone"}"#;
    let body = format!("content-length: {}\r\n\r\n{report}", report.len());
    exit(if tell("init/error", &body).is_ok() {
        1
    } else {
        2
    })
}

/// A streamed answer that breaks off after its first chunk, the error in its trailers.
fn fail_midway(request_id: &str) -> Result<String, Error> {
    let report = "eyJlcnJvck1lc3NhZ2UiOiJkcnkifQ=="; // {"errorMessage":"dry"}
    let body = format!(
        "transfer-encoding: chunked\r\ntrailer: lambda-runtime-function-error-type\r\n\r\n\
         3\r\n{{}}\n\r\n0\r\n\
         lambda-runtime-function-error-type: Probe.Dry\r\n\
         lambda-runtime-function-error-body: {report}\r\n\r\n"
    );
    tell(&format!("invocation/{request_id}/response"), &body)
}

/// Posts to the Runtime API by hand; the answer is the status line.
fn tell(path: &str, headers_and_body: &str) -> Result<String, Error> {
    let mut api = TcpStream::connect(env::var("AWS_LAMBDA_RUNTIME_API")?)?;
    let head =
        format!("POST /2018-06-01/runtime/{path} HTTP/1.1\r\nhost: api\r\nconnection: close");
    api.write_all(format!("{head}\r\n{headers_and_body}").as_bytes())?;
    let mut answer = String::new();
    api.read_to_string(&mut answer)?;
    Ok(answer.lines().next().unwrap_or_default().to_owned())
}
