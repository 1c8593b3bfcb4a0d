//! What came of it, for people and for programs.

use std::fmt;

use serde::Serialize;

use super::{
    assumed::{Assumed, StandIn},
    bill::{Quantities, Terms},
    counts::{Counts, Taken},
    functions::Ledger,
    monthly::Monthly,
    prices::{AS_OF, GB, Price, REGION},
    story::Story,
    table::{Table, number},
    units::Kind,
};

/// For so many orders dollars are told.
pub const ORDERS: f64 = 10_000.0;

/// The costs of an average order.
#[derive(Serialize)]
pub struct Report<'a> {
    prices_as_of: &'static str,
    region: &'static str,
    story: &'a Story,
    assumed: &'a Assumed,
    lines: Vec<Line>,
    dollars_per_10000_orders: f64,
    functions: Vec<Function<'a>>,
    monthly: Vec<Monthly>,
    dollars_a_month: f64,
    /// The sum of what all functions took.
    pub counts: Counts,
}

/// A line of the bill.
#[derive(Serialize)]
struct Line {
    name: String,
    per_order: f64,
    price: &'static Price,
    dollars_per_10000_orders: f64,
    share: f64,
    #[serde(skip)]
    is_data: bool,
}

/// A function's part of it.
#[derive(Serialize)]
struct Function<'a> {
    name: &'a str,
    dollars_per_10000_orders: f64,
    #[serde(flatten)]
    taken: &'a Taken,
}

impl<'a> Report<'a> {
    /// The report of what was taken, but for what is billed by the month.
    pub fn of(ledger: &'a Ledger, terms: &Terms<'a>) -> Self {
        let Terms { story, assumed, .. } = *terms;
        let orders = f64::from(story.orders);
        let mut sum = Quantities::default();
        let mut counts = Counts::default();
        let mut functions = Vec::new();
        for (name, taken) in ledger {
            let quantities = Quantities::of(taken, terms);
            functions.push(Function {
                name,
                dollars_per_10000_orders: quantities.dollars() / orders * ORDERS,
                taken,
            });
            sum = sum.and(&quantities);
            counts += &taken.counts;
        }
        functions.sort_by(|a, b| {
            b.dollars_per_10000_orders
                .total_cmp(&a.dollars_per_10000_orders)
        });
        let whole = sum.dollars();
        let lines = sum.0.iter().map(|(item, quantity)| {
            let dollars = item.price().of(*quantity);
            Line {
                name: item.to_string(),
                per_order: quantity / orders,
                price: item.price(),
                dollars_per_10000_orders: dollars / orders * ORDERS,
                share: dollars / whole,
                is_data: item.is_data(),
            }
        });
        Self {
            prices_as_of: AS_OF,
            region: REGION,
            story,
            assumed,
            lines: lines.collect(),
            dollars_per_10000_orders: whole / orders * ORDERS,
            functions,
            monthly: Vec::new(),
            dollars_a_month: 0.0,
            counts,
        }
    }

    /// With what is billed by the month.
    pub fn with_monthly(self, monthly: Vec<Monthly>) -> Self {
        Self {
            dollars_a_month: monthly.iter().map(|it| it.dollars).sum(),
            monthly,
            ..self
        }
    }

    /// GB of logs that an order leaves.
    pub fn log_gb(&self) -> f64 {
        let Counts {
            own_log,
            lambda_log,
            access_log,
            ..
        } = self.counts;
        let bytes = own_log.taken() + lambda_log.taken() + access_log.taken();
        bytes as f64 / GB / f64::from(self.story.orders)
    }

    fn lines(&self) -> Table {
        let mut table = Table::with(&["line", "an order", "price", "$ per 10,000 orders", "share"]);
        for line in &self.lines {
            let an_order = if line.is_data {
                format!("{} KB", number(line.per_order * GB / 1024.0))
            } else {
                number(line.per_order)
            };
            table.row([
                line.name.clone(),
                an_order,
                line.price.to_string(),
                format!("{:.4}", line.dollars_per_10000_orders),
                percent(line.share),
            ]);
        }
        let sum = format!("{:.4}", self.dollars_per_10000_orders);
        table.row([
            "sum".to_owned(),
            String::new(),
            String::new(),
            sum,
            percent(1.0),
        ]);
        table
    }

    fn functions(&self) -> Table {
        let columns = [
            "function",
            "an order",
            "MiB",
            "computes, ms",
            "waits, ms",
            "billed, ms",
            "read units",
            "write units",
            "$ per 10,000 orders",
            "share",
        ];
        let mut table = Table::with(&columns);
        let orders = f64::from(self.story.orders);
        for function in &self.functions {
            let Taken {
                memory_mib,
                counts,
                times,
            } = function.taken;
            let invocations = counts.invocations as f64;
            let (reads, writes) = own_units(counts);
            table.row([
                function.name.to_owned(),
                number(invocations / orders),
                memory_mib.to_string(),
                number(times.computing_ms / invocations),
                number(times.waiting_ms / invocations),
                number(times.billed_ms / invocations),
                number(reads / orders),
                number(writes / orders),
                format!("{:.4}", function.dollars_per_10000_orders),
                percent(function.dollars_per_10000_orders / self.dollars_per_10000_orders),
            ]);
        }
        table
    }

    fn by_month(&self) -> Table {
        let mut table = Table::with(&["by the month", "so many", "price", "$ a month"]);
        for monthly in &self.monthly {
            table.row([
                monthly.what.clone(),
                number(monthly.quantity),
                monthly.price.to_string(),
                format!("{:.4}", monthly.dollars),
            ]);
        }
        table.row([
            "sum".to_owned(),
            String::new(),
            String::new(),
            format!("{:.4}", self.dollars_a_month),
        ]);
        table
    }
}

/// Read and write units of the shop's own tables.
fn own_units(counts: &Counts) -> (f64, f64) {
    let (mut reads, mut writes) = (0.0, 0.0);
    let own = counts.units.iter();
    for (_, units) in own.filter(|(table, _)| StandIn::of(table).is_none()) {
        for (kind, units) in units {
            match kind {
                Kind::Reads | Kind::IndexReads => reads += units,
                Kind::Writes | Kind::TransactionWrites | Kind::IndexWrites => writes += units,
            }
        }
    }
    (reads, writes)
}

fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            prices_as_of,
            region,
            story,
            assumed,
            counts,
            ..
        } = self;
        let dollars = self.dollars_per_10000_orders;
        writeln!(
            f,
            "10,000 orders cost ${dollars:.2} on AWS in {region}, at prices of {prices_as_of} and without any free tier.\n"
        )?;
        writeln!(f, "{}", self.lines())?;
        writeln!(f, "{}", self.functions())?;
        writeln!(f, "{}", self.by_month())?;
        writeln!(f, "{story}\n")?;
        writeln!(f, "{assumed}\n")?;
        if let Some(rounds) = self.functions.iter().find(|it| it.name == "settle-orders") {
            let orders_a_month = f64::from(story.orders_per_day) * 365.0 / 12.0;
            let dollars = rounds.dollars_per_10000_orders / ORDERS * orders_a_month;
            writeln!(
                f,
                "settle-orders, which runs every minute, is ${dollars:.2} a month of it, whether anybody orders or not.\n"
            )?;
        }
        let stand_ins = counts.units.iter();
        let stand_ins = stand_ins.filter(|(table, _)| StandIn::of(table).is_some());
        let units: f64 = stand_ins.flat_map(|(_, units)| units.values()).sum();
        writeln!(
            f,
            "Not in it: {} units an order of the tables provider, bus and mailbox, which stand in for the payment provider, \
             EventBridge and SES; what the provider asks; and what {} refused calls cost, which DynamoDB does not tell.",
            number(units / f64::from(story.orders)),
            counts.refused_calls,
        )
    }
}
