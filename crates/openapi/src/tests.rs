use local_shop::Keys;

use super::*;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn made() -> (Shop, Value) {
    let parameters = Keys::generate().unwrap().parameters("oxcart");
    let shop = Shop::load(&root().join("infra"), &parameters).unwrap();
    let document = document(&root(), &shop).unwrap_or_else(|error| panic!("{error}"));
    (shop, document)
}

#[test]
fn the_file_is_what_the_operations_say() {
    let (_, document) = made();
    let file = std::fs::read_to_string(root().join(FILE)).unwrap();
    // Not compared by assert_eq: two whole documents tell nobody anything.
    assert!(file == printed(&document), "{FILE}: run `cargo shop sync`");
}

#[test]
fn every_route_is_an_operation_with_what_every_operation_has() {
    let (shop, document) = made();
    let routes = shop.operations().filter_map(|it| it.route.as_ref());
    for route in routes {
        let operation = &document["paths"][&route.path][route.method.to_lowercase()];
        assert!(operation["summary"].is_string(), "{}", route.path);
        let responses = operation["responses"].as_object().unwrap();
        let succeeds = responses.keys().any(|status| status.starts_with('2'));
        assert!(succeeds && responses.contains_key("500"), "{}", route.path);
        let asks_who = responses.contains_key("401");
        assert!(asks_who || !route.looks_at_sessions(), "{}", route.path);
    }
}

#[test]
fn an_operation_says_whose_it_is_what_it_takes_and_what_it_answers() {
    let (_, document) = made();
    let place = &document["paths"]["/orders"]["post"];
    assert_eq!(place["security"], json!([{"session": []}]));
    assert_eq!(place["parameters"][0]["name"], "Idempotency-Key");
    let body = &place["requestBody"]["content"]["application/json"]["schema"];
    assert_eq!(body["additionalProperties"], false);
    let address = &body["properties"]["shipping_address"];
    assert!(address.to_string().contains("postal_code"), "{address}");
    let created = &place["responses"]["201"]["content"]["application/json"]["schema"];
    assert_eq!(created["$ref"], "#/components/schemas/Order");
    let conflicts = &place["responses"]["409"]["content"]["application/problem+json"]["schema"];
    assert!(conflicts.to_string().contains("OutOfStockProblem"));

    let list = &document["paths"]["/products"]["get"];
    assert_eq!(list["security"], json!([{}, {"session": []}]));
    let names = list["parameters"].as_array().unwrap().iter();
    let names: Vec<&str> = names.filter_map(|it| it["name"].as_str()).collect();
    assert_eq!(names, ["category", "query", "limit", "cursor"]);
}

#[test]
fn a_problem_is_whole_and_no_other() {
    let (_, document) = made();
    let problem = &document["components"]["schemas"]["PriceChangedProblem"];
    assert_eq!(
        problem["properties"]["type"]["const"],
        "/problems/price-changed"
    );
    assert_eq!(problem["properties"]["status"]["const"], 409);
    assert!(
        problem["required"]
            .as_array()
            .unwrap()
            .contains(&json!("items"))
    );
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let problems = schemas.keys().filter(|name| name.ends_with("Problem"));
    assert_eq!(problems.count(), Slug::ALL.len());
}

#[test]
fn a_pattern_lets_through_what_the_shop_does() {
    use domain::text::{LINE, PROSE, SLUG, is_slug, line, prose};
    let lets = |pattern: &str, text: &str| {
        let schema = json!({"type": "string", "pattern": pattern});
        jsonschema::is_valid(&schema, &json!(text))
    };
    let controls = (0..=0x9f).filter_map(char::from_u32);
    let odd = [
        '\u{a0}', '\u{85}', '\u{200b}', '\u{2028}', '\u{3000}', 'ü', '牛',
    ];
    let texts = controls
        .chain(odd)
        .flat_map(|c| [format!("{c}"), format!("a{c}b"), format!("a{c}")]);
    let more = ["", "a-1", "A", "a_b", "  ", " a "].map(str::to_owned);
    for text in texts.chain(more) {
        let is_line = line("it", text.clone(), 9).is_ok();
        assert_eq!(lets(LINE, &text), is_line, "a line: {text:?}");
        let is_prose = prose("it", text.clone(), 9).is_ok();
        assert_eq!(lets(PROSE, &text), is_prose, "prose: {text:?}");
        assert_eq!(lets(SLUG, &text), is_slug(&text), "a slug: {text:?}");
    }
}
