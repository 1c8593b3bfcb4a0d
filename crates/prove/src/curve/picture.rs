//! The picture of what was measured.

use std::path::Path;

use plotters::prelude::{
    BLACK, ChartBuilder, Color, IntoDrawingArea, IntoLogRange, LineSeries, PathElement, RGBColor,
    SVGBackend, SeriesLabelPosition, WHITE,
};

use super::{HOLDS, Point};

/// The picture can't be drawn.
#[derive(Debug, thiserror::Error)]
#[error("the picture can't be drawn: {0}")]
pub struct NotDrawn(String);

const SIZE: (u32, u32) = (720, 440);
const COLOURS: [RGBColor; 2] = [RGBColor(176, 64, 32), RGBColor(32, 96, 160)];

/// Draws orders a second against buckets, a line for each time that transactions hold their items.
pub fn draw(points: &[Point], file: &Path) -> Result<(), NotDrawn> {
    drawn(points, file).map_err(NotDrawn)
}

fn drawn(points: &[Point], file: &Path) -> Result<(), String> {
    let told = |error: &dyn std::fmt::Display| error.to_string();
    let area = SVGBackend::new(file, SIZE).into_drawing_area();
    area.fill(&WHITE).map_err(|it| told(&it))?;
    let most = points.iter().map(|point| point.borne).fold(100.0, f64::max);
    let mut chart = ChartBuilder::on(&area)
        .margin(16)
        .x_label_area_size(44)
        .y_label_area_size(60)
        .build_cartesian_2d(
            (1.0..64.0).log_scale().base(2.0),
            (10.0..most * 1.2).log_scale(),
        )
        .map_err(|it| told(&it))?;
    chart
        .configure_mesh()
        .light_line_style(WHITE)
        .x_desc("buckets")
        .y_desc("orders a second of which 99 % succeed at once")
        .x_label_formatter(&|buckets| format!("{buckets:.0}"))
        .y_label_formatter(&|orders| format!("{orders:.0}"))
        .draw()
        .map_err(|it| told(&it))?;
    for (hold, colour) in HOLDS.into_iter().zip(COLOURS) {
        let of_hold = points
            .iter()
            .filter(|point| point.hold == hold && point.borne > 0.0);
        let line = of_hold.map(|point| (f64::from(point.buckets), point.borne));
        let line = LineSeries::new(line, colour.stroke_width(2)).point_size(4);
        chart
            .draw_series(line)
            .map_err(|it| told(&it))?
            .label(format!("transactions hold their items for {hold} ms"))
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], colour.stroke_width(2)));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperLeft)
        .border_style(BLACK.mix(0.3))
        .background_style(WHITE)
        .draw()
        .map_err(|it| told(&it))?;
    area.present().map_err(|it| told(&it))?;
    Ok(())
}
