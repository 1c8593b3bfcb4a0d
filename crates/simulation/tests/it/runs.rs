//! That a run is its number.

use std::rc::Rc;

use adversary::{Faults, Meddling};
use serde_json::json;
use simulation::{Shop, ask};

/// What happens in a small shop in which everything goes wrong, as a digest.
fn digest(number: u64) -> String {
    simulation::run_told(number, true, async |shop: Rc<Shop>| {
        shop.stock("mug", 3, 2).await;
        shop.set_faults(Faults::all());
        shop.set_mortality(0.1);
        let register = ask::register("ann@example.com", "correct horse battery");
        shop.ask(&register).await;
        let orders = (0..6).map(|number| ask::place(&shop.customer(number), "key", &[("mug", 1)]));
        shop.ask_at_once(orders.collect()).await;
        assert_eq!(shop.close().await, Vec::<String>::new());
        shop.world().journal().digest()
    })
}

#[test]
fn a_run_is_the_same_again_whatever_was_run_before_it() {
    let first = digest(7);
    assert_ne!(digest(8), first);
    // A run with the same number, in which every process spends all its retries.
    simulation::run(7, async |shop: Rc<Shop>| {
        shop.stock("mug", 3, 2).await;
        shop.world()
            .meddle(|_| Some(Meddling::Refuse(500, "InternalServerError", json!({}))));
        for number in 0..300 {
            let order = ask::place(&shop.customer(number), "key", &[("mug", 1)]);
            assert_eq!(shop.call(&order).await.status, 503);
        }
    });
    assert_eq!(digest(7), first);
}

#[test]
fn a_run_is_the_same_on_every_thread() {
    let here = digest(7);
    let there = std::thread::spawn(|| digest(7));
    assert_eq!(there.join().unwrap(), here);
}
