use super::*;
use crate::testing::text;

#[test]
fn every_slug_has_this_body() {
    let bodies: String = Slug::ALL
        .iter()
        .map(|slug| text(&Problem::new(*slug).into_response("req-1")) + "\n")
        .collect();
    assert_eq!(bodies, include_str!("golden.jsonl"));
}

#[test]
fn slugs_are_distinct_kebab_case_and_errors() {
    for (i, slug) in Slug::ALL.iter().enumerate() {
        let text = slug.as_str();
        assert!(
            text.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'),
            "{text}"
        );
        assert!(
            Slug::ALL[..i].iter().all(|other| other.as_str() != text),
            "{text}"
        );
        assert!(slug.status().as_u16() >= 400, "{text}");
    }
}

#[test]
fn the_headers_a_slug_calls_for_are_there() {
    let header = |slug, name: &str| {
        let answer = Problem::new(slug).into_response("r");
        let value = answer.headers().get(name)?;
        Some(value.to_str().unwrap().to_owned())
    };
    for slug in Slug::ALL {
        let kind = header(*slug, "content-type");
        assert_eq!(kind.as_deref(), Some("application/problem+json"));
    }
    assert_eq!(
        header(Slug::Unauthenticated, "www-authenticate").as_deref(),
        Some("Bearer")
    );
    assert_eq!(header(Slug::Forbidden, "www-authenticate"), None);
    assert_eq!(header(Slug::Busy, "retry-after").as_deref(), Some("1"));
    assert_eq!(
        header(Slug::OutcomeUnknown, "retry-after").as_deref(),
        Some("1")
    );
    assert_eq!(
        header(Slug::TooManyAttempts, "retry-after").as_deref(),
        Some("900")
    );
    assert_eq!(header(Slug::OutOfStock, "retry-after"), None);
}

#[test]
fn members_are_added_but_never_replace_the_standard_ones() {
    let problem = Problem::new(Slug::InvalidTransition)
        .detail("The order is paid already.")
        .member("order_status", "paid")
        .member("status", 200)
        .member("instance", "forged");
    assert_eq!(
        text(&problem.into_response("req-1")),
        r#"{"type":"/problems/invalid-transition","title":"Invalid transition","status":409,"detail":"The order is paid already.","instance":"req-1","order_status":"paid"}"#
    );
}

#[test]
fn the_detail_of_a_5xx_is_constant_and_its_cause_hidden() {
    let problem = Problem::internal("table oxcart-orders is gone").detail("secret");
    assert_eq!(
        std::error::Error::source(&problem).unwrap().to_string(),
        "table oxcart-orders is gone"
    );
    let body = text(&problem.into_response("r"));
    assert!(body.contains(Slug::InternalError.detail()), "{body}");
    assert!(
        !body.contains("secret") && !body.contains("oxcart"),
        "{body}"
    );
}
