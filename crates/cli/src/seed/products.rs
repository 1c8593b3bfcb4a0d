//! The demo catalogue: 24 products in 4 categories.

/// A demo product.
pub struct Product {
    pub id: &'static str,
    pub title: &'static str,
    pub category: &'static str,
    /// Price of one piece in cents.
    pub cents: i64,
    /// Pieces that come in.
    pub stock: i64,
    /// Buckets of its stock.
    pub buckets: u8,
    pub description: &'static str,
}

const fn product(
    id: &'static str,
    title: &'static str,
    category: &'static str,
    cents: i64,
    stock: i64,
    description: &'static str,
) -> Product {
    Product {
        id,
        title,
        category,
        cents,
        stock,
        buckets: 1,
        description,
    }
}

/// Bought by everybody at once: its stock lies in 16 buckets.
const HOT: Product = Product {
    buckets: 16,
    ..product(
        "cast-iron-pan",
        "Cast Iron Pan",
        "kitchen",
        3900,
        1600,
        "Pre-seasoned, 26 cm. The one everybody wants this season.",
    )
};

#[rustfmt::skip]
pub const PRODUCTS: &[Product] = &[
    HOT,
    product("enamel-mug", "Enamel Mug", "kitchen", 1450, 120, "Steel under white enamel, 350 ml."),
    product("olive-board", "Olive Wood Board", "kitchen", 2800, 45, "One piece of olive wood, oiled, 38 cm."),
    product("copper-kettle", "Copper Kettle", "kitchen", 8900, 2, "Hand-hammered, 1.2 l. The last of its series."),
    product("linen-towel", "Linen Tea Towel", "kitchen", 1200, 200, "Dries glasses without lint."),
    product("pepper-mill", "Pepper Mill", "kitchen", 3400, 60, "Beech, with a ceramic grinder."),
    product("garden-fork", "Garden Fork", "garden", 3150, 40, "Four forged tines on an ash handle."),
    product("watering-can", "Watering Can", "garden", 2650, 35, "Zinc-plated steel, 5 l, brass rose."),
    product("seed-box", "Seed Box", "garden", 4200, 3, "Oak, with dividers for a year of sowing."),
    product("pruning-shears", "Pruning Shears", "garden", 3900, 80, "Replaceable blade, for either hand."),
    product("bird-house", "Bird House", "garden", 2400, 25, "Larch, made for tits and sparrows."),
    product("jute-twine", "Jute Twine", "garden", 450, 500, "100 m on a spool."),
    product("dot-notebook", "Dot Grid Notebook", "desk", 1100, 300, "A5, 160 pages that lie flat."),
    product("fountain-pen", "Fountain Pen", "desk", 5900, 30, "Steel nib, piston filler."),
    product("brass-ruler", "Brass Ruler", "desk", 1900, 1, "30 cm, engraved. One piece left."),
    product("felt-mat", "Felt Desk Mat", "desk", 3600, 55, "Wool felt, 60 by 35 cm."),
    product("pencil-set", "Pencil Set", "desk", 950, 150, "Twelve, from 2H to 4B."),
    product("paper-lamp", "Paper Lamp", "desk", 7400, 18, "Folded by hand, warm light."),
    product("wool-blanket", "Wool Blanket", "home", 9800, 22, "Undyed wool, 130 by 190 cm."),
    product("beeswax-candle", "Beeswax Candle", "home", 1350, 140, "Burns for 30 hours."),
    product("clay-vase", "Clay Vase", "home", 4600, 3, "Wheel-thrown, no two alike."),
    product("cedar-hangers", "Cedar Hangers", "home", 2200, 90, "Five of them. Moths keep away."),
    product("door-mat", "Coir Door Mat", "home", 2900, 70, "60 by 40 cm, takes a winter of boots."),
    product("wall-clock", "Wall Clock", "home", 6700, 2, "Silent movement in a beech ring."),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn there_are_24_products_in_4_categories() {
        let ids: BTreeSet<_> = PRODUCTS.iter().map(|product| product.id).collect();
        let categories: BTreeSet<_> = PRODUCTS.iter().map(|product| product.category).collect();
        assert_eq!((PRODUCTS.len(), ids.len(), categories.len()), (24, 24, 4));
    }

    #[test]
    fn several_are_nearly_sold_out_and_one_is_hot() {
        assert!(PRODUCTS.iter().filter(|product| product.stock <= 3).count() >= 4);
        assert_eq!(
            PRODUCTS
                .iter()
                .filter(|product| product.buckets == 16)
                .count(),
            1
        );
    }
}
