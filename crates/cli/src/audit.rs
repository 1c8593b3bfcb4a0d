//! `cargo shop audit`: whether everything a shop's tables hold agrees. It only reads.

use std::fmt::Write;

use clap::Args;
use store::{
    Db,
    audit::{Pace, Report, Tables, audit_in_use},
};

use crate::{
    error::Failure,
    out::print,
    target::{Found, Target},
};

/// What the exit status says.
const EXIT: &str = "\
Exit status:
  0  everything agrees
  1  something does not, and is named
  2  nobody knows: the audit could not be made, or the arguments make no sense";

#[derive(Args)]
#[command(after_help = EXIT)]
pub struct Audit {
    #[command(flatten)]
    target: Target,
    /// The shop has no ledger of the built-in payment provider to compare its payments with
    #[arg(long)]
    no_provider: bool,
    /// The shop has no log of the built-in event bus to compare its orders with
    #[arg(long)]
    no_bus: bool,
    /// The table of products and stock, by its whole name [default: <shop>-catalogue]
    #[arg(long, value_name = "NAME", requires_all = ["carts_table", "orders_table"], conflicts_with_all = ["shop", "url"])]
    catalogue_table: Option<String>,
    /// The table of carts, by its whole name [default: <shop>-carts]
    #[arg(long, value_name = "NAME", requires = "catalogue_table")]
    carts_table: Option<String>,
    /// The table of orders, by its whole name [default: <shop>-orders]
    #[arg(long, value_name = "NAME", requires = "catalogue_table")]
    orders_table: Option<String>,
    /// The ledger of the built-in payment provider, by its whole name [default: <shop>-provider; none where tables are named]
    #[arg(
        long,
        value_name = "NAME",
        requires = "catalogue_table",
        conflicts_with = "no_provider"
    )]
    provider_table: Option<String>,
    /// The log of the built-in event bus, by its whole name [default: <shop>-bus; none where tables are named]
    #[arg(
        long,
        value_name = "NAME",
        requires = "catalogue_table",
        conflicts_with = "no_bus"
    )]
    bus_table: Option<String>,
}

impl Audit {
    /// Fails with [`Failure::Findings`] when something is wrong, and with [`Failure::NotAudited`] when that can't be
    /// told.
    pub async fn run(self) -> Result<(), Failure> {
        let report = self.report().await;
        let report = report.map_err(|failure| Failure::NotAudited(Box::new(failure)))?;
        match report.findings.len() {
            0 => Ok(()),
            count => Err(Failure::Findings(count)),
        }
    }

    async fn report(&self) -> Result<Report, Failure> {
        let found = self.target.find(self.catalogue_table.is_some())?;
        let tables = self.tables(&found.shop);
        let Found {
            connection, place, ..
        } = found;
        let names = names(&tables);
        print(&format!("Reading {names} at {place}\n"))?;
        let report = audit_in_use(Pace::Full, &Db::connect(&connection), &tables).await;
        let report = report.map_err(|source| Failure::of_store(&names, &place, source))?;
        print(&told(&report, &tables))?;
        Ok(report)
    }

    fn tables(&self, shop: &str) -> Tables {
        match (&self.catalogue_table, &self.carts_table, &self.orders_table) {
            (Some(catalogue), Some(carts), Some(orders)) => Tables {
                catalogue: catalogue.clone(),
                carts: carts.clone(),
                orders: orders.clone(),
                bus: self.bus_table.clone(),
                provider: self.provider_table.clone(),
            },
            _ => Tables {
                catalogue: format!("{shop}-catalogue"),
                carts: format!("{shop}-carts"),
                orders: format!("{shop}-orders"),
                bus: (!self.no_bus).then(|| format!("{shop}-bus")),
                provider: (!self.no_provider).then(|| format!("{shop}-provider")),
            },
        }
    }
}

fn names(tables: &Tables) -> String {
    let Tables {
        catalogue,
        carts,
        orders,
        bus,
        provider,
    } = tables;
    let mut names = vec![catalogue.as_str(), carts, orders];
    names.extend(bus.as_deref());
    names.extend(provider.as_deref());
    let last = names.pop().unwrap_or_default();
    format!("{} and {last}", names.join(", "))
}

/// The report for people: what was counted, then a line a finding.
fn told(report: &Report, tables: &Tables) -> String {
    let mut told = String::new();
    let counts = [
        ("products", report.products),
        ("buckets", report.buckets),
        ("movements", report.movements),
        ("carts", report.carts),
        ("orders", report.orders),
        ("charges", report.charges),
        ("events", report.events),
    ];
    // Writing to a String can't fail.
    for (what, count) in counts {
        let _ = match what {
            "charges" if tables.provider.is_none() => {
                writeln!(told, "  no ledger of charges to compare with")
            }
            "events" if tables.bus.is_none() => {
                writeln!(told, "  no log of events to compare with")
            }
            _ => writeln!(told, "{count:>8} {what}"),
        };
    }
    for finding in &report.findings {
        let _ = writeln!(told, "✗ {finding}");
    }
    if report.findings.is_empty() {
        told.push_str("Everything agrees.\n");
    }
    told
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};
    use store::audit::Finding;

    use super::*;
    use crate::Shop;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        audit: Audit,
    }

    fn tables(arguments: &[&str]) -> Option<String> {
        let line = Line::try_parse_from(["audit"].iter().chain(arguments)).ok()?;
        Some(names(&line.audit.tables("ox")))
    }

    #[test]
    fn tables_follow_from_the_shop_or_are_named_whole() {
        let all = "ox-catalogue, ox-carts, ox-orders, ox-bus and ox-provider";
        assert_eq!(tables(&[]).as_deref(), Some(all));
        let three = "ox-catalogue, ox-carts and ox-orders";
        let less = tables(&["--no-provider", "--no-bus"]);
        assert_eq!(less.as_deref(), Some(three));
        let named = [
            "--catalogue-table",
            "c",
            "--carts-table",
            "k",
            "--orders-table",
            "o",
        ];
        assert_eq!(tables(&named).as_deref(), Some("c, k and o"));
        let ledger = [&named[..], &["--provider-table", "p"]].concat();
        assert_eq!(tables(&ledger).as_deref(), Some("c, k, o and p"));
        let log = [&named[..], &["--bus-table", "b"]].concat();
        assert_eq!(tables(&log).as_deref(), Some("c, k, o and b"));
    }

    #[test]
    fn help_says_what_each_exit_status_means() {
        let mut commands = Shop::command();
        let command = commands.find_subcommand_mut("audit").unwrap();
        let help = command.render_long_help().to_string();
        let found = Failure::Findings(1);
        let clean = "  0  everything agrees\n";
        let named = format!("  {}  something does not", found.exit_code());
        let unknown = Failure::NotAudited(Box::new(found));
        let unknown = format!("  {}  nobody knows", unknown.exit_code());
        for said in [clean, &named, &unknown] {
            assert!(help.contains(said), "{said} is not in {help}");
        }
        // Once, and nothing else beneath it.
        let (about, status) = help.split_once("Exit status:").unwrap();
        let about: Vec<&str> = about.split_whitespace().collect();
        let about = about.join(" ");
        assert!(about.contains("about two minutes"), "{help}");
        assert!(
            !about.contains(" with 1") && !about.contains(" with 2"),
            "{help}"
        );
        assert_eq!(status.trim().lines().count(), 3, "{help}");
    }

    #[test]
    fn half_named_tables_are_refused() {
        assert_eq!(tables(&["--catalogue-table", "c"]), None);
        assert_eq!(
            tables(&["--catalogue-table", "c", "--orders-table", "o"]),
            None
        );
        assert_eq!(tables(&["--provider-table", "p"]), None);
        assert_eq!(tables(&["--bus-table", "b"]), None);
        assert_eq!(tables(&["--url", "http://x", "--shop", "y"]), None);
    }

    #[test]
    fn a_report_has_counts_and_a_line_a_finding() {
        let tables = Tables {
            catalogue: "c".into(),
            carts: "k".into(),
            orders: "o".into(),
            bus: None,
            provider: None,
        };
        let mut report = Report {
            orders: 12,
            ..Report::default()
        };
        let clean = told(&report, &tables);
        assert!(clean.contains("      12 orders\n  no ledger"), "{clean}");
        assert!(clean.contains("  no log of events"), "{clean}");
        assert!(clean.ends_with("Everything agrees.\n"), "{clean}");
        report.findings.insert(Finding {
            item: "ORDER#1".into(),
            rule: "a rule",
            detail: "how".into(),
        });
        let found = told(&report, &tables);
        assert!(found.ends_with("✗ ORDER#1: a rule (how)\n"), "{found}");
    }
}
