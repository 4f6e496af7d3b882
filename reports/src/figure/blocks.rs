//! What stands around the plot: title, subtitle, captions, footer.

use sim_engine::{Instant, Status, What};

use super::canvas::Canvas;
use super::geometry::{Rect, count_px};
use super::layout::{CaptionBlock, Footer};
use super::text::{Font, mono_width, wrap};
use crate::report::Report;
use crate::svg::Px;
use crate::words;

pub(super) const MARGIN: Px = 280;

/// The lines of the subtitle: what matters of the settings, how to read the picture, what is left
/// out.
pub(super) fn subtitle(canvas: &Canvas<'_, '_>, report: &Report) -> Vec<String> {
    let mut text = report.subtitle.join(", ");
    if let Some(mutant) = &report.mutant {
        text = if text.is_empty() { String::new() } else { format!("{text}, ") };
        text = format!("{text}planted bug {mutant}");
    }
    let mut sentences = Vec::new();
    if !text.is_empty() {
        sentences.push(format!("{}.", text.trim_end_matches('.')));
    }
    let lexicon = canvas.scene.trace.lexicon;
    // Hues without numbers mean what the lexicon says as soon as any bar has one.
    let has_hues = canvas.scene.stands.iter().any(|stand| stand.standing.epoch > 0);
    sentences.push(if has_hues && !lexicon.epoch.is_empty() {
        format!("Hue = {}, bar height = role.", lexicon.epoch)
    } else {
        "Bar height = role.".to_owned()
    });
    if canvas.chosen.folds.iter().any(|fold| fold.rounds > 1) {
        let word =
            canvas.chosen.folds.iter().map(|fold| fold.word.as_str()).find(|w| !w.contains(' '));
        sentences.push(match word {
            Some(word) => format!("Later {}s are hidden.", word.trim_end_matches('s')),
            None => "Later routine rounds are hidden.".to_owned(),
        });
    } else if canvas.chosen.has_hidden_rounds {
        sentences.push("Messages that change nothing are hidden.".to_owned());
    }
    sentences.extend(super::losses::sentence(&canvas.layout.losses_hidden));
    let hidden = canvas.chosen.hidden_ops;
    if hidden > 0 {
        let n = u64::try_from(hidden).unwrap_or(0);
        sentences.push(format!("{} of clients not shown.", words::count(n, "more operation")));
    }
    if canvas.lanes.without_lane > 0 {
        let n = u64::try_from(canvas.lanes.without_lane).unwrap_or(0);
        sentences.push(format!("{} without news not shown.", words::count(n, "more node")));
    }
    let end = canvas.scene.trace.end;
    let rest = end.since(canvas.chosen.to).as_nanos();
    if rest > 50_000_000 || canvas.chosen.from > Instant::ZERO {
        let (from, to) = (words::moment(canvas.chosen.from), words::moment(canvas.chosen.to));
        let from = from.trim_end_matches(" ms");
        sentences.push(format!("Shown: {from} to {to} of {}.", words::moment(end)));
    }
    if canvas.scene.trace.forgotten > 0 {
        sentences.push("The beginning was not recorded.".to_owned());
    }
    let text = sentences.join(" ");
    wrap(&text, Font::SUBTITLE, canvas.layout.width - 2 * MARGIN, 3)
}

/// The numbered sentences in columns, below `top`. Returns where they end.
pub(super) fn place_captions(canvas: &mut Canvas<'_, '_>, columns: usize, top: Px) -> Px {
    let steps = &canvas.story.steps;
    let rows = steps.len().div_ceil(columns);
    let column = (canvas.layout.width - 2 * MARGIN) / count_px(columns);
    let mut y = top;
    for row in 0..rows {
        let mut height = 0;
        for (place, step) in steps.iter().enumerate().filter(|(place, _)| place % rows == row) {
            let x = MARGIN + column * count_px(place / rows);
            let lines = wrap(&step.sentence, Font::CAPTION, column - 480, 5);
            height = height.max(count_px(lines.len()));
            canvas.layout.captions.push(CaptionBlock { number: step.number, x, y, lines });
        }
        y += 170 * height.max(1) + 70;
    }
    canvas.layout.captions.sort_by_key(|caption| caption.number);
    y
}

/// What became of the promises, and the command, below `top`. Returns where it ends.
pub(super) fn place_footer(canvas: &mut Canvas<'_, '_>, report: &Report, top: Px) -> Px {
    let width = canvas.layout.width - 2 * MARGIN;
    let short = |name: &str| {
        let info = report.promises.iter().find(|promise| promise.name == name);
        info.map_or_else(|| name.replace('-', " "), |info| info.short.to_owned())
    };
    let of = |status: Status| -> Vec<String> {
        let promises = report.outcome.promises.iter().filter(|p| p.status() == status);
        promises.map(|promise| short(promise.name)).collect()
    };
    let mut words: Vec<(char, String)> = Vec::new();
    let broken = report.outcome.promises.iter();
    let mut broken: Vec<_> =
        broken.filter_map(|promise| Some((promise.broken.as_ref()?, promise.name))).collect();
    broken.sort_by_key(|(broken, _)| broken.at);
    for (broken, name) in broken {
        let at = words::moment(broken.at);
        words.push(('✕', format!("Violated at {at}, {}: {}", short(name), broken.why)));
    }
    let is_violated = !words.is_empty();
    for (status, sign, head) in [
        (Status::Held, '✓', if is_violated { "Held" } else { "Invariants held" }),
        (Status::NotExercised, '–', "Not exercised"),
        (Status::Undecided, '?', "Undecided"),
        (Status::Suspended, '–', "Suspended"),
    ] {
        let names = of(status);
        if !names.is_empty() {
            words.push((sign, format!("{head}: {}", names.join(" · "))));
        }
    }
    if report.promises.is_empty() && words.is_empty() {
        words.push(('–', "No promise was checked.".to_owned()));
    }
    let command = mono_width(&report.command, 120);
    let mut lines: Vec<(char, String)> = Vec::new();
    for (sign, text) in words {
        for (i, line) in wrap(&text, Font::FOOTER, width - 450, 3).into_iter().enumerate() {
            lines.push((if i == 0 { sign } else { ' ' }, line));
        }
    }
    let last = lines.last().map_or(0, |(_, line)| Font::FOOTER.width(line));
    let fits = last + command + 700 <= width;
    let n = count_px(lines.len()) + Px::from(!fits && !report.command.is_empty());
    let height = 100 + 180 * n.max(1);
    canvas.layout.footer = Footer {
        rect: Some(Rect::new(MARGIN, top, width, height)),
        is_violated,
        lines,
        command: report.command.clone(),
        command_below: !fits,
    };
    top + height
}

/// Everything the picture tells, as prose: for those who cannot see it.
pub(super) fn description(canvas: &Canvas<'_, '_>) -> String {
    let scene = canvas.scene;
    let nodes = scene.trace.cast.iter().filter(|(_, seat)| !seat.is_client).count();
    let mut text = format!("Space-time diagram of {} nodes.", words::number(nodes));
    for step in &canvas.story.steps {
        text.push(' ');
        text.push_str(&step.sentence);
    }
    if scene.events().any(|event| matches!(event.what, What::Violated { .. })) {
        text.push_str(" A promise is broken.");
    }
    text
}
