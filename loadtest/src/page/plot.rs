//! Line plots as SVG.

use super::text::escape;

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 300.0;
const LEFT: f64 = 64.0;
const RIGHT: f64 = 12.0;
const TOP: f64 = 30.0;
const BOTTOM: f64 = 40.0;
/// Ticks of a linear axis, about.
const TICKS: f64 = 6.0;
/// Colours there are.
const COLOURS: usize = 4;
/// Width of a letter of the key, about.
const LETTER: f64 = 6.6;

/// A plot with lines.
pub(super) struct Plot {
    pub(super) title: &'static str,
    pub(super) x: Axis,
    pub(super) y: Axis,
    pub(super) bands: Vec<Band>,
    pub(super) lines: Vec<Line>,
}

/// A time that is set apart.
pub(super) struct Band {
    pub(super) from: f64,
    pub(super) to: f64,
    pub(super) name: &'static str,
}

/// A line with its name.
pub(super) struct Line {
    name: String,
    points: Vec<(f64, f64)>,
    is_dashed: bool,
    /// Points further apart are not joined: between them nothing was measured.
    gap: f64,
}

/// How one axis is divided.
pub(super) struct Axis {
    unit: &'static str,
    scale: Scale,
}

#[derive(Clone, Copy, PartialEq)]
enum Scale {
    /// From 0 on.
    Linear,
    /// Factors of ten.
    Logarithmic,
    /// Negative logarithms of what a percentile leaves out.
    Nines,
}

/// What is seen of an axis, and where.
struct View {
    scale: Scale,
    low: f64,
    high: f64,
    /// Places of `low` and `high` on the page.
    from: f64,
    to: f64,
}

impl Axis {
    pub(super) const fn linear(unit: &'static str) -> Self {
        Self {
            unit,
            scale: Scale::Linear,
        }
    }

    pub(super) const fn logarithmic(unit: &'static str) -> Self {
        Self {
            unit,
            scale: Scale::Logarithmic,
        }
    }

    pub(super) const fn percentiles() -> Self {
        Self {
            unit: "percentile",
            scale: Scale::Nines,
        }
    }

    fn view(&self, values: impl Iterator<Item = f64> + Clone, from: f64, to: f64) -> View {
        let most = values.clone().fold(0.0, f64::max);
        let (low, high) = match self.scale {
            Scale::Linear => (0.0, if most > 0.0 { most } else { 1.0 }),
            Scale::Nines => (0.0, most.max(1.0)),
            Scale::Logarithmic => {
                let least = values.filter(|value| *value > 0.0).fold(most, f64::min);
                let (low, high) = (exponent(least).floor(), exponent(most).ceil());
                (low, high.max(low + 1.0))
            }
        };
        View {
            scale: self.scale,
            low,
            high,
            from,
            to,
        }
    }
}

impl View {
    fn place(&self, value: f64) -> f64 {
        let value = match self.scale {
            Scale::Logarithmic => exponent(value).max(self.low),
            Scale::Linear | Scale::Nines => value,
        };
        self.from + (value - self.low) / (self.high - self.low) * (self.to - self.from)
    }

    fn ticks(&self) -> Vec<(f64, String)> {
        match self.scale {
            Scale::Linear => {
                let step = nice_step(self.high / TICKS);
                let count = (self.high / step + 1e-9).floor() as u32;
                let values = (0..=count).map(|at| f64::from(at) * step);
                values.map(|value| (value, short(value))).collect()
            }
            Scale::Logarithmic => {
                let exponents = self.low as i32..=self.high as i32;
                let values = exponents.map(|exponent| 10f64.powi(exponent));
                values.map(|value| (value, short(value))).collect()
            }
            Scale::Nines => (0..=self.high as u32)
                .map(|nines| (f64::from(nines), percentile(nines)))
                .collect(),
        }
    }
}

impl Line {
    pub(super) fn new(name: String, points: impl Iterator<Item = (f64, f64)>) -> Self {
        Self {
            name,
            points: points.collect(),
            is_dashed: false,
            gap: f64::INFINITY,
        }
    }

    pub(super) fn broken(self, gap: f64) -> Self {
        Self { gap, ..self }
    }

    /// The line as the path of an SVG.
    fn path(&self, x: &View, y: &View) -> String {
        let mut path = String::new();
        let mut before: Option<f64> = None;
        for (at, value) in &self.points {
            let (left, top) = (x.place(*at), y.place(*value));
            let is_joined = before.is_some_and(|before| at - before <= self.gap);
            if !is_joined {
                path.push_str(&format!("M{left:.1} {top:.1}"));
            }
            // Also to where it stands, so that a point alone is seen.
            path.push_str(&format!("L{left:.1} {top:.1}"));
            before = Some(*at);
        }
        path
    }

    pub(super) fn dashed(self) -> Self {
        Self {
            is_dashed: true,
            ..self
        }
    }
}

impl Plot {
    /// The picture.
    pub(super) fn svg(&self) -> String {
        let points = || self.lines.iter().flat_map(|line| &line.points);
        let x = self
            .x
            .view(points().map(|point| point.0), LEFT, WIDTH - RIGHT);
        let y = self
            .y
            .view(points().map(|point| point.1), HEIGHT - BOTTOM, TOP);
        let mut svg = format!(
            "<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{}\">\n",
            escape(self.title)
        );
        for band in &self.bands {
            let (from, to) = (x.place(band.from), x.place(band.to.min(x.high)));
            svg.push_str(&format!(
                "<rect class=\"band\" x=\"{from:.1}\" y=\"{TOP}\" width=\"{:.1}\" \
                 height=\"{:.1}\"><title>{}</title></rect>\n",
                (to - from).max(0.0),
                HEIGHT - BOTTOM - TOP,
                escape(band.name),
            ));
        }
        self.axes(&x, &y, &mut svg);
        // The unit of the other axis stands before the key.
        let unit = LETTER * self.y.unit.chars().count() as f64;
        let mut key = LEFT.max(4.0 + unit + 10.0);
        for (number, line) in self.lines.iter().enumerate() {
            key = self.line(number, line, (&x, &y), key, &mut svg);
        }
        svg.push_str("</svg>\n");
        svg
    }

    /// The values, for whoever cannot see the picture or wants to know exactly.
    pub(super) fn values(&self) -> String {
        let mut text = format!(
            "<table>\n<tr><th>line</th><th>{}</th><th>{}</th></tr>\n",
            self.x.unit, self.y.unit
        );
        for line in &self.lines {
            for (x, y) in &line.points {
                let x = match self.x.scale {
                    Scale::Nines => format!("{:.4}", 100.0 - 10f64.powf(2.0 - x)),
                    Scale::Linear | Scale::Logarithmic => format!("{x:.1}"),
                };
                let name = escape(&line.name);
                text.push_str(&format!(
                    "<tr><td>{name}</td><td>{x}</td><td>{y:.2}</td></tr>\n"
                ));
            }
        }
        text.push_str("</table>\n");
        text
    }

    fn axes(&self, x: &View, y: &View, svg: &mut String) {
        for (value, label) in x.ticks() {
            let at = x.place(value);
            let (bottom, text) = (HEIGHT - BOTTOM, HEIGHT - BOTTOM + 16.0);
            svg.push_str(&format!(
                "<line class=\"grid\" x1=\"{at:.1}\" y1=\"{TOP}\" x2=\"{at:.1}\" y2=\"{bottom}\"/>\
                 <text x=\"{at:.1}\" y=\"{text}\" text-anchor=\"middle\">{label}</text>\n"
            ));
        }
        for (value, label) in y.ticks() {
            let at = y.place(value);
            let (right, before) = (WIDTH - RIGHT, LEFT - 6.0);
            svg.push_str(&format!(
                "<line class=\"grid\" x1=\"{LEFT}\" y1=\"{at:.1}\" x2=\"{right}\" y2=\"{at:.1}\"/>\
                 <text x=\"{before}\" y=\"{:.1}\" text-anchor=\"end\">{label}</text>\n",
                at + 4.0
            ));
        }
        let (end, below) = (WIDTH - RIGHT, HEIGHT - 6.0);
        svg.push_str(&format!(
            "<text x=\"{end}\" y=\"{below}\" text-anchor=\"end\">{}</text>\
             <text x=\"4\" y=\"14\">{}</text>\n",
            self.x.unit, self.y.unit
        ));
    }

    /// Draws a line and its place in the key, which begins at `key`; gives where the next begins.
    fn line(
        &self,
        number: usize,
        line: &Line,
        (x, y): (&View, &View),
        key: f64,
        svg: &mut String,
    ) -> f64 {
        let name = escape(&line.name);
        let dashed = if line.is_dashed { " dashed" } else { "" };
        // A dashed line has the colour of the one that follows it.
        let before = self.lines.iter().take(number);
        let colour = before.filter(|line| !line.is_dashed).count() % COLOURS;
        let class = format!("line s{colour}{dashed}");
        svg.push_str(&format!(
            "<path class=\"{class}\" data-series=\"{name}\" d=\"{}\">\
             <title>{name}</title></path>\n",
            line.path(x, y)
        ));
        let (end, text) = (key + 20.0, key + 26.0);
        svg.push_str(&format!(
            "<line class=\"{class}\" x1=\"{key:.1}\" y1=\"14\" x2=\"{end:.1}\" y2=\"14\"/>\
             <text class=\"key\" x=\"{text:.1}\" y=\"18\">{name}</text>\n"
        ));
        text + LETTER * line.name.chars().count() as f64 + 14.0
    }
}

/// The logarithm of what is more than nothing.
fn exponent(value: f64) -> f64 {
    value.max(1e-3).log10()
}

/// The least of 1, 2 and 5 times a power of ten that is at least `least`.
fn nice_step(least: f64) -> f64 {
    let power = 10f64.powf(least.max(1e-9).log10().floor());
    let steps = [1.0, 2.0, 5.0, 10.0].map(|factor| factor * power);
    steps
        .into_iter()
        .find(|step| *step >= least * 0.999)
        .unwrap_or(least)
}

fn short(value: f64) -> String {
    let (scaled, suffix) = match value {
        _ if value >= 1e6 => (value / 1e6, " M"),
        _ if value >= 1e4 => (value / 1e3, " k"),
        _ => (value, ""),
    };
    format!("{}{suffix}", (scaled * 1_000.0).round() / 1_000.0)
}

/// 0, 90, 99, 99.9, …
fn percentile(nines: u32) -> String {
    let digits = nines.saturating_sub(2) as usize;
    format!("{:.digits$}", 100.0 - 10f64.powf(2.0 - f64::from(nines)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_are_divided_where_people_expect_it() {
        let view = |axis: Axis, values: &[f64]| axis.view(values.iter().copied(), 0.0, 100.0);
        let labels = |view: View| -> Vec<String> {
            view.ticks().into_iter().map(|(_, label)| label).collect()
        };
        let linear = view(Axis::linear(""), &[3.0, 59.0]);
        assert_eq!(labels(linear), ["0", "10", "20", "30", "40", "50"]);
        let rate = view(Axis::linear(""), &[50_000.0]);
        assert_eq!(labels(rate)[..3], ["0", "10 k", "20 k"]);
        let times = view(Axis::logarithmic(""), &[0.4, 350.0]);
        assert_eq!(labels(times), ["0.1", "1", "10", "100", "1000"]);
        let nines = view(Axis::percentiles(), &[0.0, 4.0]);
        assert_eq!(labels(nines), ["0", "90", "99", "99.9", "99.99"]);
    }

    #[test]
    fn values_lie_where_their_axis_has_them() {
        let view = Axis::logarithmic("").view([1.0, 100.0].into_iter(), 200.0, 0.0);
        assert_eq!(view.place(1.0), 200.0);
        assert_eq!(view.place(10.0), 100.0);
        assert_eq!(view.place(100.0), 0.0);
        // What took no time at all stands at the bottom.
        assert_eq!(view.place(0.0), 200.0);
        let nothing = Axis::linear("").view([].into_iter(), 0.0, 100.0);
        assert_eq!(nothing.place(1.0), 100.0);
    }
}
