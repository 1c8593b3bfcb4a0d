//! What each function is told by its environment: nothing may be missing, and secrets go where they are needed.

use std::{collections::BTreeMap, process::Stdio, time::Duration};

use local_shop::{Operation, Route, environment};
use tokio::{process::Command, time::timeout};

use crate::support::{TestShop, built};

/// Starts an operation's executable with this environment and waits until it gives up: whether it failed, and what it
/// said.
async fn start(operation: &str, environment: &BTreeMap<String, String>) -> (bool, String) {
    let lambda = [
        // Nothing listens there, should a function get that far.
        ("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9"),
        ("AWS_LAMBDA_FUNCTION_NAME", operation),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"),
    ];
    let mut command = Command::new(built().1.executable(operation).unwrap());
    command.env_clear().envs(lambda).envs(environment);
    let command = command.stdin(Stdio::null()).kill_on_drop(true).output();
    let output = timeout(Duration::from_secs(30), command).await;
    let output = output
        .unwrap_or_else(|_| panic!("{operation} runs on"))
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    (!output.status.success(), String::from_utf8(said).unwrap())
}

fn whole(shop: &TestShop, operation: &Operation) -> BTreeMap<String, String> {
    environment(operation, shop.dynamodb.endpoint())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_function_without_one_of_its_settings_stops_at_start_and_names_it() {
    let shop = TestShop::open().await;
    for operation in shop.template.operations() {
        let lambdas = ["AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"];
        let own = operation.environment.keys().map(String::as_str);
        // What is not as usual may be said; the version only starts functions anew.
        let own = own.filter(|name| !["LIMITS", "SECRETS_VERSION"].contains(name));
        // With no settings there would be nothing to take away.
        let has_tables = operation.policy.grants().next().is_some();
        let route = operation.route.as_ref();
        if has_tables || route.is_some_and(Route::looks_at_sessions) {
            let settings = &operation.environment;
            assert!(!settings.is_empty(), "{} is told nothing", operation.name);
        }
        // What opens no table makes no connection to DynamoDB.
        let connects = own.clone().any(|name| name.ends_with("_TABLE"));
        let lambdas = lambdas.into_iter().filter(|_| connects);
        for missing in own.chain(lambdas) {
            let mut environment = whole(&shop, operation);
            environment.remove(missing).unwrap();
            let expected = format!("the setting {missing} is missing");
            let (failed, said) = start(&operation.name, &environment).await;
            assert!(
                failed && said.contains(&expected),
                "{} without {missing}: {said}",
                operation.name
            );
            // Somebody who reads this is an operator, not a programmer.
            assert!(!said.contains("panicked"), "{said}");
        }
    }
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_setting_that_is_empty_or_makes_no_sense_stops_a_function_and_is_named_but_not_shown() {
    let shop = TestShop::open().await;
    for (operation, name) in [
        ("log-in", "TOKEN_SIGNING_KEY"),
        ("log-in", "REFRESH_TOKEN_KEY"),
        ("get-profile", "TOKEN_PUBLIC_KEYS"),
        ("list-products", "CURSOR_KEY"),
        ("pay-order", "PAYMENT_PROVIDER"),
        ("pay-order", "STAGE"),
        ("verify-email", "LINK_KEY"),
        ("send-account-mail", "MAILER"),
        ("send-order-mail", "MAILER"),
        ("publish-order-events", "EVENT_BUS"),
    ] {
        for value in ["", "hunter2", "{}"] {
            let operation = shop.template.operation(operation).unwrap();
            let mut environment = whole(&shop, operation);
            environment.insert(name.into(), value.into());
            let (failed, said) = start(&operation.name, &environment).await;
            assert!(
                failed && said.contains(&format!("the setting {name} ")),
                "{said}"
            );
            assert!(
                !said.contains("hunter2") && !said.contains("panicked"),
                "{said}"
            );
        }
    }
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_are_given_to_the_functions_that_need_them_and_to_no_other() {
    let shop = TestShop::open().await;
    let given = |setting: &str| -> Vec<&str> {
        let operations = shop.template.operations();
        let given = operations.filter(|operation| operation.environment.contains_key(setting));
        let mut names: Vec<&str> = given.map(|operation| operation.name.as_str()).collect();
        names.sort_unstable();
        names
    };
    let begins = [
        "log-in",
        "refresh-session",
        "reset-password",
        "start-guest-session",
    ];
    assert_eq!(given("TOKEN_SIGNING_KEY"), begins);
    assert_eq!(given("REFRESH_TOKEN_KEY"), begins[..3]);
    assert_eq!(
        given("LINK_KEY"),
        ["reset-password", "send-account-mail", "verify-email"]
    );
    assert_eq!(
        given("CURSOR_KEY"),
        ["list-orders", "list-products", "list-stock-movements"]
    );
    assert_eq!(
        given("PROVIDER_TABLE"),
        ["audit-shop", "pay-order", "settle-orders"]
    );
    let secrets = [
        &shop.keys().token_signing_key,
        &shop.keys().refresh_token_key,
        &shop.keys().link_key,
    ];
    for operation in shop.template.operations() {
        let values: Vec<&String> = operation.environment.values().collect();
        let knows = secrets
            .iter()
            .filter(|secret| values.contains(secret))
            .count();
        let may_know = match operation.name.as_str() {
            "reset-password" => 3,
            "log-in" | "refresh-session" => 2,
            "start-guest-session" | "send-account-mail" | "verify-email" => 1,
            _ => 0,
        };
        assert_eq!(knows, may_know, "{}", operation.name);
    }
    shop.close().await;
}
