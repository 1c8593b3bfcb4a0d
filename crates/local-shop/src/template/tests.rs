//! Templates to read, for the tests of those who read them.
//!
//! - [`found`]: what a shop is read as: services, operations, tables, variables.
//! - [`bus`]: what the parameter EventBus changes, and what brings events then.
//! - [`routes`]: where they lead, and who may call them.
//! - [`errors`]: what can't be read, each with its place.
//! - [`blocks`]: blocks that were copied from another operation's.

mod blocks;
mod bus;
mod errors;
mod found;
mod routes;

use std::path::PathBuf;

use super::{Parameters, Shop};

pub(super) fn infra() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../infra")
}

pub(super) fn parameters() -> Parameters {
    let names = ["Shop", "TokenPublicKeys"];
    let secrets = [
        "token-signing-key",
        "refresh-token-key",
        "link-key",
        "cursor-key",
    ];
    let secrets = secrets.map(|name| format!("/a-Shop/{name}"));
    let names = names.into_iter().map(str::to_owned).chain(secrets);
    names
        .map(|name| {
            (
                name.clone(),
                format!("a-{}", name.trim_start_matches("/a-Shop/")),
            )
        })
        .collect()
}

/// The same with the bus that is not built in.
pub(super) fn on_eventbridge() -> Parameters {
    let mut parameters = parameters();
    parameters.insert("EventBus".into(), "eventbridge".into());
    parameters
}

pub(super) fn shop() -> Shop {
    Shop::load(&infra(), &parameters()).unwrap()
}

/// A folder with these two templates.
pub(super) fn folder(root: &str, service: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("template.yaml"), root).unwrap();
    std::fs::write(folder.path().join("things.yaml"), service).unwrap();
    folder
}

pub(super) const ROOT: &str = "Parameters:\n  Shop: {Type: String}\nResources:\n  Things:\n    Type: AWS::Serverless::Application\n    Properties: {Location: things.yaml, Parameters: {Shop: !Ref Shop}}\n";

/// How the shop's templates can't be read with these parameters and this changed in that of orders.
pub(super) fn refused(written: &str, changed: &str, parameters: &Parameters) -> String {
    let folder = changed_infra(written, changed);
    let error = Shop::load(folder.path(), parameters).unwrap_err();
    let error = error.to_string();
    assert!(error.contains("orders.yaml:"), "{error}");
    error
}

/// The shop's templates with this changed in that of orders.
fn changed_infra(written: &str, changed: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for file in std::fs::read_dir(infra()).unwrap() {
        let file = file.unwrap();
        let mut text = std::fs::read_to_string(file.path()).unwrap();
        if file.file_name() == "orders.yaml" {
            assert!(text.contains(written), "{written}");
            text = text.replace(written, changed);
        }
        std::fs::write(folder.path().join(file.file_name()), text).unwrap();
    }
    folder
}
