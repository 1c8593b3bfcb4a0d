use super::*;
use crate::testing::{connection, service};

#[tokio::test]
async fn what_is_missing_is_named() {
    let (url, _) = service(vec![(200, json!({"Streams": []}))]).await;
    let connection = Connection {
        endpoint: Some(url),
        ..connection()
    };
    let error = TableStream::find(&connection, "stock").await.err().unwrap();
    assert_eq!(
        error.to_string(),
        "the stream of stock can't be read: the database tells of no stream"
    );
}
