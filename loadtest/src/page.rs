//! The report as one page of HTML that needs nothing else: no network and no script.

mod plot;
#[cfg(test)]
mod tests;
mod text;

use crate::figures::Figures;
use crate::latency::Latencies;
use crate::outcome::Outcome;
use crate::proving::{ProvePlan, Proven};
use crate::signer::Outage;
use crate::timeline::Timeline;

use plot::{Axis, Band, Line, Plot};
use text::escape;

/// Latencies are shown up to the quantile that leaves one of so many out.
const TAIL_MAX: f64 = 100_000.0;
/// Points of a percentile curve for each factor of ten.
const CURVE_POINTS: u32 = 24;

/// Makes the page.
///
/// # Errors
/// The figures cannot be written as JSON.
pub fn html(plan: &ProvePlan, proven: &Proven, figures: &Figures) -> Outcome<String> {
    let plots: Vec<Plot> = vec![
        latency_over_time(plan, proven, "p99", |second| second.p99),
        latency_over_time(plan, proven, "p50", |second| second.p50),
        percentile_curve(proven),
        posted(plan, proven),
        proofs(plan, proven),
        lag(plan, proven),
        window(plan, proven),
    ];
    let figures_of_plots: String = plots.iter().map(figure).collect();
    let json = serde_json::to_string_pretty(figures)?;
    let style = include_str!("page/style.css");
    let verdict = verdict(figures);
    Ok(format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>ledgerd: seals and proofs under load</title>\n<style>\n{style}</style>\n</head>\n\
         <body>\n<main>\n<h1>Seals and proofs under load</h1>\n{intro}{verdict}\
         <section class=\"plots\">\n{figures_of_plots}</section>\n\
         <h2>All figures</h2>\n{all}\
         <details>\n<summary>The same as JSON</summary>\n<pre>{json}</pre>\n</details>\n\
         </main>\n</body>\n</html>\n",
        intro = intro(plan, figures),
        all = table(
            &figures
                .rows()
                .pairs()
                .iter()
                .map(|pair| pair.to_vec())
                .collect::<Vec<_>>(),
            &[]
        ),
        json = escape(&json),
    ))
}

fn intro(plan: &ProvePlan, figures: &Figures) -> String {
    let load = &plan.load;
    let verified = match plan.verify_every {
        1 => "Every proof was verified offline".to_owned(),
        each => format!("One of {each} proofs was verified offline"),
    };
    let text = format!(
        "For {} seconds, {} transfers a second in requests of {}, among {} accounts in {} \
         book(s), and beside them {} proofs a second ({}) and {} receipts a second of what was \
         just posted. Sealed by: {}. Requests went out when they were meant to, whatever the \
         answers took, and latency counts from then: a slow answer counts for all that wait behind \
         it. A receipt counts from the posting's answer. {verified}, with the public keys alone.",
        figures.seconds,
        load.rate.unwrap_or_default(),
        load.batch,
        u64::from(load.shape.accounts) * u64::from(load.shape.books),
        load.shape.books,
        plan.proofs_per_second,
        plan.mix,
        figures.receipt.offered_per_second.round(),
        figures.signer,
    );
    format!("<p>{}</p>\n", escape(&text))
}

fn verdict(figures: &Figures) -> String {
    let (class, text) = if !figures.is_right() {
        ("bad", "Wrong: a balance differs, or a proof does not hold.")
    } else if figures.slo.is_empty() {
        (
            "good",
            "Every balance is right and every proof holds. No bound was asked for.",
        )
    } else if figures.holds() {
        (
            "good",
            "Every bound is held, every balance is right, and every proof holds.",
        )
    } else {
        ("bad", "A bound is breached.")
    };
    let rows: Vec<Vec<String>> = figures
        .slo
        .iter()
        .map(|judged| {
            let unit = judged.unit;
            let measured = judged.measured.map(|value| format!("{value:.2} {unit}"));
            vec![
                judged.name.clone(),
                format!("{} {unit}", judged.bound),
                measured.unwrap_or_else(|| "nothing".to_owned()),
                if judged.held { "held" } else { "breached" }.to_owned(),
            ]
        })
        .collect();
    let bounds = if rows.is_empty() {
        String::new()
    } else {
        table(&rows, &["bound of", "bound", "measured", "verdict"])
    };
    format!("<p class=\"verdict {class}\">{text}</p>\n{bounds}")
}

fn figure(plot: &Plot) -> String {
    format!(
        "<figure>\n<figcaption>{}</figcaption>\n{}<details>\n<summary>Values</summary>\n{}\
         </details>\n</figure>\n",
        escape(plot.title),
        plot.svg(),
        plot.values(),
    )
}

fn latency_over_time(
    plan: &ProvePlan,
    proven: &Proven,
    quantile: &'static str,
    of: fn(&crate::timeline::Second) -> f64,
) -> Plot {
    let line = |name: &str, timeline: &Timeline| {
        let seconds = timeline.seconds();
        let points = seconds.iter().enumerate();
        let points = points.filter(|(_, second)| second.count > 0);
        Line::new(
            format!("{name} {quantile}"),
            points.map(|(at, second)| (at as f64 + 0.5, of(second))),
        )
        .broken(1.5)
    };
    Plot {
        title: match quantile {
            "p99" => "Latency over time, p99 of each second, by when a request was meant to start",
            _ => "Latency over time, p50 of each second, by when a request was meant to start",
        },
        x: Axis::linear("seconds"),
        y: Axis::logarithmic("ms"),
        bands: bands(&plan.outages),
        lines: vec![
            line("post", &proven.posts),
            line("receipt", &proven.receipts.timeline),
            line("proof", &proven.proofs.timeline),
        ],
    }
}

fn percentile_curve(proven: &Proven) -> Plot {
    let line = |name: &str, latencies: &Latencies| {
        let most = (latencies.count() as f64).clamp(1.0, TAIL_MAX).log10();
        let steps = (most * f64::from(CURVE_POINTS)).floor() as u32;
        let points = (0..=steps).map(|step| {
            let nines = f64::from(step) / f64::from(CURVE_POINTS);
            (nines, latencies.at(1.0 - 10f64.powf(-nines)))
        });
        let points: Vec<_> = points.collect();
        let points = if latencies.count() == 0 {
            Vec::new()
        } else {
            points
        };
        Line::new(name.to_owned(), points.into_iter())
    };
    Plot {
        title: "Percentile curve: how many requests took at most how long",
        x: Axis::percentiles(),
        y: Axis::logarithmic("ms"),
        bands: Vec::new(),
        lines: vec![
            line("post", proven.posts.latencies()),
            line("receipt", proven.receipts.timeline.latencies()),
            line("proof", proven.proofs.timeline.latencies()),
        ],
    }
}

/// What was done in each second beside what was offered.
fn offered_and_achieved(
    title: &'static str,
    plan: &ProvePlan,
    lines: &[(&str, f64, &[u64])],
) -> Plot {
    let mut drawn = Vec::new();
    for (name, offered, done) in lines {
        let end = plan.time.as_secs_f64();
        let both = [(0.0, *offered), (end, *offered)];
        drawn.push(Line::new(format!("{name} offered"), both.into_iter()).dashed());
        // The rest of what was offered in time comes in a second that is not a whole one.
        let is_rest = |at: usize, count: u64| at as f64 >= end && (count as f64) < offered / 2.0;
        let points = done.iter().copied().enumerate();
        let points = points.filter(|(at, count)| !is_rest(*at, *count));
        let points = points.map(|(at, count)| (at as f64 + 0.5, count as f64));
        drawn.push(Line::new(format!("{name} achieved"), points));
    }
    Plot {
        title,
        x: Axis::linear("seconds"),
        y: Axis::linear("per second"),
        bands: bands(&plan.outages),
        lines: drawn,
    }
}

fn posted(plan: &ProvePlan, proven: &Proven) -> Plot {
    let offered = plan.load.rate.unwrap_or_default();
    let lines = [("transfers", offered, proven.posts.done())];
    offered_and_achieved("Transfers offered against achieved", plan, &lines)
}

fn proofs(plan: &ProvePlan, proven: &Proven) -> Plot {
    let seconds = plan.time.as_secs_f64();
    let receipts = &proven.receipts;
    let lines = [
        (
            "receipts",
            receipts.offered as f64 / seconds,
            receipts.timeline.done(),
        ),
        (
            "proofs",
            plan.proofs_per_second,
            proven.proofs.timeline.done(),
        ),
    ];
    offered_and_achieved("Receipts and proofs offered against achieved", plan, &lines)
}

fn lag(plan: &ProvePlan, proven: &Proven) -> Plot {
    let samples = proven.samples.iter();
    Plot {
        title: "Seal lag: how long the oldest event without a seal had waited",
        x: Axis::linear("seconds"),
        y: Axis::linear("ms"),
        bands: bands(&plan.outages),
        lines: vec![Line::new(
            "seal lag".to_owned(),
            samples.map(|sample| (sample.at, sample.lag_ms as f64)),
        )],
    }
}

fn window(plan: &ProvePlan, proven: &Proven) -> Plot {
    let samples = proven.samples.iter();
    Plot {
        title: "Events without a seal",
        x: Axis::linear("seconds"),
        y: Axis::linear("events"),
        bands: bands(&plan.outages),
        lines: vec![Line::new(
            "unsealed".to_owned(),
            samples.map(|sample| (sample.at, sample.unsealed as f64)),
        )],
    }
}

fn bands(outages: &[Outage]) -> Vec<Band> {
    let band = |outage: &Outage| Band {
        from: outage.after.as_secs_f64(),
        to: (outage.after + outage.lasts).as_secs_f64(),
        name: "nothing is signed",
    };
    outages.iter().map(band).collect()
}

fn table(rows: &[Vec<String>], head: &[&str]) -> String {
    let mut text = String::from("<table>\n");
    if !head.is_empty() {
        let cells: String = head.iter().map(|name| format!("<th>{name}</th>")).collect();
        text.push_str(&format!("<tr>{cells}</tr>\n"));
    }
    for row in rows {
        let cells: String = row
            .iter()
            .map(|cell| format!("<td>{}</td>", escape(cell)))
            .collect();
        text.push_str(&format!("<tr>{cells}</tr>\n"));
    }
    text.push_str("</table>\n");
    text
}
