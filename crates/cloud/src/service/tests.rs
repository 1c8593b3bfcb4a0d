use serde_json::json;

use super::*;
use crate::{
    parameters::{self, ParametersError},
    testing::{connection, service},
};

#[tokio::test]
async fn parameters_are_read_in_one_signed_request() {
    let found = json!({"Parameters": [{"Name": "/shop/a", "Value": "one"}, {"Name": "/shop/b", "Value": "two"}]});
    let (url, asked) = service(vec![(200, found)]).await;
    let names = vec!["/shop/a".to_owned(), "/shop/b".to_owned()];
    let read = parameters::read(&connection(), Some(&url), names)
        .await
        .unwrap();
    assert_eq!(read["/shop/b"].expose(), "two");
    let asked = asked.lock().unwrap().join("\n");
    for part in [
        "POST / HTTP/1.1",
        "x-amz-target: AmazonSSM.GetParameters",
        "authorization: AWS4-HMAC-SHA256 Credential=local/",
        "/us-east-1/ssm/aws4_request",
        r#""WithDecryption":true"#,
        r#""Names":["/shop/a","/shop/b"]"#,
    ] {
        assert!(asked.contains(part), "{asked}");
    }
}

#[tokio::test]
async fn what_is_not_there_is_named() {
    let found = json!({"Parameters": [], "InvalidParameters": ["/shop/a"]});
    let (url, _) = service(vec![(200, found)]).await;
    let read = parameters::read(&connection(), Some(&url), vec!["/shop/a".into()]).await;
    assert!(matches!(read, Err(ParametersError::Missing(names)) if names == ["/shop/a"]));
}

#[tokio::test]
async fn what_may_pass_is_tried_again_and_a_refusal_is_not() {
    let denied = json!({"__type": "com.amazonaws.ssm#AccessDeniedException", "message": "secret"});
    let (url, asked) = service(vec![(500, json!({})), (400, denied)]).await;
    let ssm = Service::new(&connection(), "ssm", "ssm", Some(&url));
    let error = ssm.post("/", &[], &json!({})).await.unwrap_err();
    assert_eq!(error.to_string(), "ssm answers 400 AccessDeniedException");
    assert_eq!(asked.lock().unwrap().len(), 2);
}

#[test]
fn a_service_is_at_home_in_its_region() {
    let url = |region: &str| {
        let region = region.to_owned();
        let connection = Connection {
            region,
            ..connection()
        };
        Service::new(&connection, "ses", "email", None).url
    };
    assert_eq!(url("eu-west-1"), "https://email.eu-west-1.amazonaws.com");
    assert_eq!(
        url("cn-north-1"),
        "https://email.cn-north-1.amazonaws.com.cn"
    );
}

#[test]
fn what_is_too_much_for_now_is_asked_for_again_and_what_is_wrong_is_not() {
    let refused = |status, kind: &str| CallError::Refused {
        service: "dynamodb",
        status,
        kind: kind.to_owned(),
    };
    for kind in ["ThrottlingException", "LimitExceededException"] {
        assert!(refused(400, kind).may_pass(), "{kind}");
    }
    assert!(refused(503, "").may_pass());
    assert!(!refused(400, "ValidationException").may_pass());
    assert!(!refused(400, "AccessDeniedException").may_pass());
}
