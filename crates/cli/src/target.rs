//! Which shop's tables a command works on: those of the shop that runs here, or others by their DynamoDB and name.

use clap::Args;
use reqwest::Url;
use store::connection::Connection;

use crate::{
    error::Failure,
    keys,
    project::{Project, Running, SHOP},
};

/// Which shop is meant.
#[derive(Args, Default)]
pub struct Target {
    /// Insist that the shop which runs here is the one at this address
    #[arg(long, value_name = "URL", value_parser = address, conflicts_with_all = ["endpoint", "shop"])]
    url: Option<String>,
    /// The address of the DynamoDB [default: of the shop that runs here; with --shop, AWS as the environment says]
    #[arg(long, value_name = "URL", value_parser = address)]
    endpoint: Option<String>,
    /// The shop's name, with which its tables' names begin [default: oxcart-local]
    #[arg(long, value_name = "SHOP", value_parser = shop_name)]
    shop: Option<String>,
}

/// An address as it was said, if it is one.
fn address(url: &str) -> Result<String, &'static str> {
    let parsed = Url::parse(url).ok();
    let is_http = |it: &Url| ["http", "https"].contains(&it.scheme()) && it.host_str().is_some();
    match parsed.is_some_and(|it| is_http(&it)) {
        true => Ok(url.to_owned()),
        false => Err("an address reads http://host:port, or https://host"),
    }
}

/// A shop's name, if it is one.
fn shop_name(name: &str) -> Result<String, String> {
    let name = keys::name(name).map_err(|failure| failure.to_string())?;
    Ok(name.to_owned())
}

/// A shop that was found.
pub struct Found {
    /// How its DynamoDB is reached.
    pub connection: Connection,
    /// Its name.
    pub shop: String,
    /// Where that is, for people.
    pub place: String,
}

impl Target {
    /// Finds it. `tables_named` says that tables are given by their names, so the shop that runs here is not meant.
    pub fn find(&self, tables_named: bool) -> Result<Found, Failure> {
        let here = self.endpoint.is_none() && self.shop.is_none() && !tables_named;
        let running = if here {
            Project::find()?.running()
        } else {
            None
        };
        let variable = |name: &str| std::env::var(name).ok();
        match &self.endpoint {
            _ if here => self.here(running),
            Some(endpoint) if is_this_machine(endpoint) => Ok(self.local(endpoint)),
            _ => self.elsewhere(variable),
        }
    }

    /// The arguments that name it, to be said again.
    pub fn arguments(&self) -> Vec<String> {
        let all = [
            ("url", &self.url),
            ("endpoint", &self.endpoint),
            ("shop", &self.shop),
        ];
        let said = all.into_iter().filter_map(|(name, value)| {
            let value = value.as_ref()?;
            Some(format!("--{name} {value}"))
        });
        said.collect()
    }

    fn here(&self, running: Option<Running>) -> Result<Found, Failure> {
        let Some(Running {
            dynamodb: Some(endpoint),
            url,
            ..
        }) = running
        else {
            return Err(Failure::NoneRuns);
        };
        match (&self.url, url) {
            (Some(wanted), Some(running)) if !is_same(wanted, &running) => {
                Err(Failure::AnotherRuns {
                    running,
                    wanted: wanted.clone(),
                })
            }
            _ => Ok(self.local(&endpoint)),
        }
    }

    fn local(&self, endpoint: &str) -> Found {
        Found {
            connection: Connection::local(endpoint),
            shop: self.name(),
            place: endpoint.to_owned(),
        }
    }

    fn elsewhere(&self, variable: impl Fn(&str) -> Option<String>) -> Result<Found, Failure> {
        let connection = Connection::from_variables(|name| match name {
            "AWS_REGION" => variable(name).or_else(|| variable("AWS_DEFAULT_REGION")),
            "AWS_ENDPOINT_URL_DYNAMODB" => self.endpoint.clone().or_else(|| variable(name)),
            _ => variable(name),
        })?;
        let place = connection
            .endpoint
            .clone()
            .unwrap_or_else(|| format!("AWS in {}", connection.region));
        Ok(Found {
            connection,
            shop: self.name(),
            place,
        })
    }

    fn name(&self) -> String {
        self.shop.clone().unwrap_or_else(|| SHOP.to_owned())
    }
}

/// Whether an address is on this machine, where a DynamoDB takes any credentials.
fn is_this_machine(url: &str) -> bool {
    let url = Url::parse(url).ok();
    let host = url.as_ref().and_then(Url::host_str);
    host.is_some_and(|host| host == "localhost" || host == "[::1]" || host.starts_with("127."))
}

/// Whether two addresses are one; this machine has several names.
fn is_same(one: &str, other: &str) -> bool {
    let (Ok(one_url), Ok(other_url)) = (Url::parse(one), Url::parse(other)) else {
        return false;
    };
    let hosts = one_url.host_str() == other_url.host_str()
        || (is_this_machine(one) && is_this_machine(other));
    hosts && one_url.port_or_known_default() == other_url.port_or_known_default()
}

#[cfg(test)]
mod tests {
    use clap::{Parser, error::ErrorKind};

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        target: Target,
    }

    fn parsed(arguments: [&str; 2]) -> Result<Target, clap::Error> {
        let line = Line::try_parse_from(["audit"].iter().chain(&arguments));
        line.map(|line| line.target)
    }

    #[test]
    fn what_is_no_address_and_no_shops_name_is_refused_as_arguments_are() {
        for good in [
            ["--url", "http://localhost:9000/"],
            ["--endpoint", "https://dynamodb.eu-north-1.amazonaws.com"],
            ["--endpoint", "http://[::1]:8000"],
            ["--shop", "oxcart-dev"],
        ] {
            assert_eq!(parsed(good).unwrap().arguments(), [good.join(" ")]);
        }
        for (bad, expected) in [
            (["--url", "garbage"], "http://host:port"),
            (["--endpoint", "garbage"], "http://host:port"),
            (["--endpoint", "localhost:8000"], "http://host:port"),
            (["--endpoint", "ftp://127.0.0.1"], "http://host:port"),
            (["--shop", "Nope!"], "lower-case letters"),
        ] {
            let refused = parsed(bad).err().unwrap();
            assert_eq!(refused.kind(), ErrorKind::ValueValidation);
            assert_eq!(refused.exit_code(), 2);
            let told = refused.to_string();
            assert!(told.contains(expected), "{told}");
        }
    }

    fn running(url: Option<&str>) -> Option<Running> {
        Some(Running {
            command: "up".into(),
            pid: 1,
            url: url.map(Into::into),
            dynamodb: Some("http://127.0.0.1:8000".into()),
        })
    }

    fn at(url: &str) -> Target {
        Target {
            url: Some(url.into()),
            ..Target::default()
        }
    }

    #[test]
    fn the_shop_that_runs_here_is_meant_unless_another_is_named() {
        let found = Target::default().here(running(Some("http://127.0.0.1:9000")));
        let found = found.ok().unwrap();
        assert_eq!(
            (found.shop.as_str(), found.place.as_str()),
            (SHOP, "http://127.0.0.1:8000")
        );
        assert!(matches!(
            Target::default().here(None),
            Err(Failure::NoneRuns)
        ));
    }

    #[test]
    fn a_url_must_be_that_of_the_shop_that_runs_here() {
        let here = || running(Some("http://127.0.0.1:9000"));
        assert!(at("http://localhost:9000/").here(here()).is_ok());
        for other in [
            "http://127.0.0.1:9001",
            "http://shop.example:9000",
            "nonsense",
        ] {
            let refused = at(other).here(here());
            assert!(
                matches!(refused, Err(Failure::AnotherRuns { .. })),
                "{other}"
            );
        }
        // `cargo shop db` does not know where the shop will answer.
        assert!(at("http://127.0.0.1:9000").here(running(None)).is_ok());
    }

    #[test]
    fn elsewhere_the_environment_gives_region_and_credentials() {
        let target = Target {
            shop: Some("oxcart-dev".into()),
            ..Target::default()
        };
        let variable = |name: &str| match name {
            "AWS_DEFAULT_REGION" => Some("eu-north-1".to_owned()),
            "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => Some("x".to_owned()),
            _ => None,
        };
        let found = target.elsewhere(variable).ok().unwrap();
        assert_eq!(
            (found.shop.as_str(), found.place.as_str()),
            ("oxcart-dev", "AWS in eu-north-1")
        );
        assert!(matches!(
            target.elsewhere(|_| None),
            Err(Failure::Credentials(_))
        ));
    }

    #[test]
    fn only_addresses_of_this_machine_go_without_credentials() {
        for local in [
            "http://127.0.0.1:8000",
            "http://localhost:1",
            "http://[::1]:8000",
        ] {
            assert!(is_this_machine(local), "{local}");
        }
        for other in [
            "https://dynamodb.eu-north-1.amazonaws.com",
            "http://localhost.example",
            "x",
        ] {
            assert!(!is_this_machine(other), "{other}");
        }
    }
}
