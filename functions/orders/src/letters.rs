//! What messages about orders say. What a customer wrote, such as a name or an address, is in none of them.

use domain::{LineItem, Order, OrderStatus};

/// Subject and text of the message that this order has reached its status. It stands alone, since the ones before it may not
/// have been written. With the address of a site it names the site's page of the order, else the order's id.
pub(crate) fn letter(order: &Order, site: Option<&str>) -> (&'static str, String) {
    let (subject, news) = news(order);
    let items: String = order.items.iter().map(line).collect();
    let (total, id) = (order.total, &order.id);
    let place = match site {
        Some(site) => format!("{}/orders/{id}", site.trim_end_matches('/')),
        None => id.to_string(),
    };
    let text = format!("Hello,\n\n{news}\n\n{items}Total: {total}\n\nYour order: {place}\n");
    (subject, text)
}

fn news(order: &Order) -> (&'static str, String) {
    let total = order.total;
    match order.status {
        OrderStatus::Placed => (
            "We have your order",
            format!(
                "We have your order, and keep it for you until {}. It expires unless it is paid by then.",
                order.expires_at
            ),
        ),
        OrderStatus::Paid => (
            "Your order is paid",
            "Your order is paid. We send it as soon as we can.".to_owned(),
        ),
        OrderStatus::Shipped => (
            "Your order is on its way",
            parcel(order, "brings it", "on its way"),
        ),
        OrderStatus::Delivered => (
            "Your order has been delivered",
            parcel(order, "has delivered it", "delivered"),
        ),
        OrderStatus::Expired => (
            "Your order has expired",
            "Your order was not paid in time and has expired. There is nothing to pay.".to_owned(),
        ),
        OrderStatus::Cancelled => ("Your order is cancelled", cancelled(order)),
        OrderStatus::Refunded => (
            "Your order is paid back",
            format!("You get back the {total} that you have paid."),
        ),
    }
}

/// What the carrier does, and where the order is when no carrier is known.
fn parcel(order: &Order, done: &str, place: &str) -> String {
    let Some(shipment) = &order.shipment else {
        return format!("Your order is paid and {place}.");
    };
    let carrier = &shipment.carrier;
    match &shipment.tracking_number {
        Some(number) => {
            format!("Your order is paid, and {carrier} {done}. The parcel's number: {number}")
        }
        None => format!("Your order is paid, and {carrier} {done}."),
    }
}

fn cancelled(order: &Order) -> String {
    match &order.payment {
        Some(paid) => {
            let amount = paid.amount;
            format!("Your order is cancelled. You get back the {amount} that you have paid.")
        }
        None => "Your order is cancelled. There is nothing to pay.".to_owned(),
    }
}

fn line(item: &LineItem) -> String {
    let (quantity, title, total) = (item.quantity, &item.title, item.line_total);
    format!("{quantity} × {title}: {total}\n")
}

#[cfg(test)]
mod tests {
    use domain::{
        Currency, Money, OrderId, ProductId, Timestamp,
        order::{Payment, Shipment},
    };

    use super::*;

    fn money(amount: i64, code: &str) -> Money {
        let currency = Currency::parse(code).unwrap();
        Money { amount, currency }
    }

    /// An order of two mugs and a pen, in this status.
    fn order(status: OrderStatus) -> Order {
        let item = |id: &str, title: &str, quantity: u32, price: i64| LineItem {
            product_id: ProductId::parse(id).unwrap(),
            title: title.to_owned(),
            quantity,
            unit_price: money(price, "USD"),
            line_total: money(price * i64::from(quantity), "USD"),
        };
        let at = Timestamp::parse("2026-11-22T22:57:01Z").unwrap();
        Order {
            id: OrderId::parse(&format!("ord_{}", "a".repeat(26))).unwrap(),
            status,
            items: vec![item("mug", "Enamel Mug", 2, 1450), item("pen", "Pen", 1, 5)],
            total: money(2905, "USD"),
            shipping_address: None,
            created_at: at,
            expires_at: at.plus(domain::order::TIME_TO_PAY),
            version: 1,
            history: Vec::new(),
            payment: None,
            shipment: None,
        }
    }

    fn news_of(order: &Order) -> String {
        let (_, text) = letter(order, None);
        let paragraphs: Vec<&str> = text.split("\n\n").collect();
        assert_eq!((paragraphs[0], paragraphs.len()), ("Hello,", 4), "{text}");
        paragraphs[1].to_owned()
    }

    #[test]
    fn a_letter_says_what_happened_what_was_ordered_and_where_it_is() {
        let id = format!("ord_{}", "a".repeat(26));
        let expected = |place: &str| {
            format!(
                "Hello,\n\n\
                 We have your order, and keep it for you until 2026-11-22 23:12 UTC. It expires unless it is paid by \
                 then.\n\n\
                 2 × Enamel Mug: 29.00 USD\n1 × Pen: 0.05 USD\nTotal: 29.05 USD\n\n\
                 Your order: {place}\n"
            )
        };
        let placed = |site| letter(&order(OrderStatus::Placed), site);
        assert_eq!(placed(None), ("We have your order", expected(&id)));
        let page = format!("https://shop.example/orders/{id}");
        for site in ["https://shop.example", "https://shop.example/"] {
            assert_eq!(placed(Some(site)).1, expected(&page));
        }
    }

    #[test]
    fn the_carrier_and_the_parcels_number_are_told_where_they_are_known() {
        let mut order = order(OrderStatus::Shipped);
        assert_eq!(news_of(&order), "Your order is paid and on its way.");
        order.shipment = Some(Shipment {
            carrier: "Ox Express".into(),
            tracking_number: None,
        });
        let told = "Your order is paid, and Ox Express brings it.";
        assert_eq!(news_of(&order), told);
        if let Some(shipment) = &mut order.shipment {
            shipment.tracking_number = Some("OX1".into());
        }
        let told = "Your order is paid, and Ox Express brings it. The parcel's number: OX1";
        assert_eq!(news_of(&order), told);
        order.status = OrderStatus::Delivered;
        let told = "Your order is paid, and Ox Express has delivered it. The parcel's number: OX1";
        assert_eq!(news_of(&order), told);
        order.shipment = None;
        assert_eq!(news_of(&order), "Your order is paid and delivered.");
    }

    #[test]
    fn money_comes_back_to_whoever_paid_and_in_the_orders_own_currency() {
        let mut order = order(OrderStatus::Cancelled);
        let unpaid = "Your order is cancelled. There is nothing to pay.";
        assert_eq!(news_of(&order), unpaid);
        order.total = money(2905, "JPY");
        order.payment = Some(Payment {
            id: "ch_1".into(),
            amount: order.total,
        });
        let paid = "Your order is cancelled. You get back the 2905 JPY that you have paid.";
        assert_eq!(news_of(&order), paid);
        order.status = OrderStatus::Refunded;
        let refunded = "You get back the 2905 JPY that you have paid.";
        assert_eq!(news_of(&order), refunded);
    }

    #[test]
    fn each_letter_may_be_the_first_that_is_written() {
        for status in OrderStatus::ALL {
            let (_, text) = letter(&order(status), None);
            for told in ["2 × Enamel Mug", "Total: 29.05 USD", "ord_aaa"] {
                assert!(text.contains(told), "{status:?}: {text}");
            }
        }
    }
}
