//! Draws lines over two logarithmic axes, each with its name at its end.

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use std::path::Path;

/// What grows with a number of assets.
pub struct Plot {
    pub title: String,
    pub series: Vec<Series>,
}

/// One contestant.
pub struct Series {
    pub name: String,
    pub points: Vec<(f64, f64)>,
}

/// Colours that people with colour blindness can distinguish too (Okabe and Ito's eight, without yellow).
const COLOURS: [RGBColor; 7] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(86, 180, 233),
    RGBColor(230, 159, 0),
    RGBColor(70, 70, 70),
];

const SIZE: (u32, u32) = (860, 460);
const NAMES: u32 = 230;
const FONT: &str = "system-ui, sans-serif";

impl Plot {
    /// Writes the plot as SVG.
    pub fn draw(&self, path: &Path) {
        let area = SVGBackend::new(path, SIZE).into_drawing_area();
        area.fill(&WHITE).unwrap();
        let points = || self.series.iter().flat_map(|series| &series.points);
        let xs = span(points().map(|&(x, _)| x), 1.0);
        let ys = span(points().map(|&(_, y)| y), 1.3);
        let mut chart = ChartBuilder::on(&area)
            .caption(&self.title, (FONT, 17))
            .margin(14)
            .margin_right(NAMES)
            .x_label_area_size(42)
            .y_label_area_size(64)
            .build_cartesian_2d((xs.0..xs.1).log_scale(), (ys.0..ys.1).log_scale())
            .unwrap();
        chart
            .configure_mesh()
            .x_desc("assets")
            .x_label_formatter(&|x| number(*x))
            .y_label_formatter(&|y| number(*y))
            .label_style((FONT, 13))
            .axis_desc_style((FONT, 13))
            .light_line_style(RGBColor(244, 244, 244))
            .bold_line_style(RGBColor(224, 224, 224))
            .draw()
            .unwrap();
        let mut ends = Vec::new();
        for (number, series) in self.series.iter().enumerate() {
            let colour = COLOURS[number % COLOURS.len()];
            let ours = series.name.starts_with("stamped") || series.name.contains("ASSETS");
            let style = colour.stroke_width(if ours { 3 } else { 1 });
            chart.draw_series(LineSeries::new(series.points.iter().copied(), style)).unwrap();
            let dots = series.points.iter().map(|&at| Circle::new(at, 3, colour.filled()));
            chart.draw_series(dots).unwrap();
            if let Some(&end) = series.points.last() {
                let (x, y) = chart.backend_coord(&end);
                ends.push((y, x, colour, series.name.clone()));
            }
        }
        // Names that would lie upon each other are moved apart.
        ends.sort_by_key(|end| end.0);
        let mut lowest = i32::MIN;
        for (y, x, colour, name) in ends {
            let at = y.max(lowest.saturating_add(15));
            lowest = at;
            let style = TextStyle::from((FONT, 13).into_font())
                .color(&colour)
                .pos(Pos::new(HPos::Left, VPos::Center));
            area.draw(&Text::new(name, (x + 9, at), style)).unwrap();
        }
        area.present().unwrap();
    }
}

/// From the least to the greatest, with some room.
fn span(values: impl Iterator<Item = f64>, room: f64) -> (f64, f64) {
    let (least, most) = values
        .fold((f64::MAX, f64::MIN), |(least, most), value| (least.min(value), most.max(value)));
    (least / room, most * room)
}

/// A number as a person writes it, if it is one of those that an axis shows.
fn number(value: f64) -> String {
    let digit = value / 10_f64.powf(value.log10().floor());
    match value {
        _ if [1.0, 2.0, 5.0].iter().all(|shown| (digit - shown).abs() > 0.01) => String::new(),
        value if value >= 1_000_000.0 => format!("{}M", value / 1_000_000.0),
        value if value >= 10_000.0 => format!("{}k", value / 1000.0),
        value if value >= 1.0 => format!("{value:.0}"),
        value => format!("{value}"),
    }
}
