//! What can't be read, each with its place.

use super::{ROOT, folder, infra, parameters};
use crate::template::Shop;

#[test]
fn a_parameter_without_a_value_is_named_with_its_place() {
    let mut parameters = parameters();
    parameters.remove("TokenPublicKeys");
    let error = Shop::load(&infra(), &parameters).unwrap_err().to_string();
    assert!(
        error.contains("users.yaml:") && error.contains("TokenPublicKeys"),
        "{error}"
    );
    let mut parameters = self::parameters();
    parameters.remove("/a-Shop/cursor-key");
    let error = Shop::load(&infra(), &parameters).unwrap_err().to_string();
    assert!(
        error.starts_with("list-products reads /a-Shop/cursor-key"),
        "{error}"
    );
}

#[test]
fn what_is_not_understood_is_an_error_with_file_and_line() {
    let told = |service: &str| {
        let folder = folder(ROOT, service);
        Shop::load(folder.path(), &parameters())
            .unwrap_err()
            .to_string()
    };
    let function = |variable: &str| {
        format!(
            "Resources:\n  F:\n    Type: AWS::Serverless::Function\n    Metadata: {{BuildProperties: {{Binary: f}}}}\n    Properties:\n      CodeUri: ../functions/f\n      Environment:\n        Variables:\n          V: {variable}\n"
        )
    };
    let error = told(&function("!ImportValue x"));
    assert!(error.contains("things.yaml:9: !ImportValue"), "{error}");
    let error = told(&function("!Sub \"${Nobody}\""));
    assert!(error.contains("things.yaml:9: Nobody"), "{error}");
    let error = told(&function("!If [Missing, a, b]"));
    assert!(
        error.contains("things.yaml:9: there is no condition Missing"),
        "{error}"
    );
    let error = told(&function("a"));
    assert!(error.contains("nothing starts f"), "{error}");
    let error = told("Resources: [");
    assert!(error.contains("things.yaml:"), "{error}");
    let folder = tempfile::tempdir().unwrap();
    let error = Shop::load(folder.path(), &parameters())
        .unwrap_err()
        .to_string();
    assert!(error.contains("template.yaml can't be read"), "{error}");
}
