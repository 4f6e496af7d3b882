//! Timers that fire, majorities, violations, numbered discs, words above folded rounds.
//! Long because each of them gives way to all the others.

use std::collections::BTreeSet;

use sim_engine::{EventId, Instant, Mark, PromiseInfo, What};

use super::canvas::{Canvas, half_of, pill};
use super::fold::Fold;
use super::geometry::{Rect, Segment};
use super::layout::{Anchor, Diamond, Disc, Home, Tag, TimerLine, ViolationLine};
use super::text::{Font, cut};
use super::theme::Token;
use crate::scene::{Fate, Fired, Scene};
use crate::story::StoryStep;
use crate::svg::Px;
use crate::words;

/// How far a disc may stand beside its moment, and what that costs.
const SHIFTS: [(Px, i64); 11] = [
    (0, 0),
    (130, 12),
    (-130, 12),
    (-180, 16),
    (180, 16),
    (240, 24),
    (-240, 24),
    // Rather far away than on something else.
    (350, 600),
    (-350, 600),
    (480, 700),
    (-480, 700),
];

/// More lines than this hide what they mark; the footer names every broken promise.
const VIOLATIONS_MAX: usize = 3;

/// How far below its lane a timer runs.
const TIMER_DROP: Px = 200;

/// Places timers that fired.
pub(super) fn place_timers(canvas: &mut Canvas<'_, '_>) {
    let scene = canvas.scene;
    let fired = canvas.chosen.timers.iter().map(|i| &scene.fired[*i]);
    let shown: Vec<&Fired> = fired.filter(|fired| canvas.shows(fired.at)).collect();
    // No words of one timer on the hourglass of another.
    let hourglasses: Vec<Rect> = hourglasses(canvas).collect();
    canvas.obstacles.boxes.extend(hourglasses);
    for fired in shown {
        place_timer(canvas, fired);
    }
}

/// Where the hourglasses of the timers stand.
pub(super) fn hourglasses(canvas: &Canvas<'_, '_>) -> impl Iterator<Item = Rect> {
    let fired = canvas.chosen.timers.iter().map(|i| &canvas.scene.fired[*i]);
    fired.filter(|fired| canvas.shows(fired.at)).filter_map(|fired| {
        let lane = canvas.lanes.y(fired.node)?;
        Some(Rect::around(canvas.axis.x(fired.at), lane + TIMER_DROP, 110, 120))
    })
}

fn place_timer(canvas: &mut Canvas<'_, '_>, fired: &Fired) {
    let Some(lane) = canvas.lanes.y(fired.node) else { return };
    let name = words::name(&canvas.scene.trace.cast, fired.node);
    let waited = fired.waited.as_nanos();
    let set = Instant::from_nanos(fired.at.nanos().saturating_sub(waited));
    let from = canvas.axis.x(set.max(canvas.chosen.from));
    let to = canvas.axis.x(fired.at);
    // Another timer of the same lane at the same time runs below.
    let taken = |y: Px| {
        let others = canvas.layout.timers.iter();
        others
            .filter(|timer| timer.y == y)
            .any(|timer| timer.from + 20 < to && from + 20 < timer.to)
    };
    let y = lane + TIMER_DROP;
    let y = if taken(y) { y + 150 } else { y };
    let id = timer_id(&name, fired);
    let label = timer_words(canvas.scene, fired);
    let title = format!("{label}: fires at {}", words::moment(fired.at));
    let is_cut = set < canvas.chosen.from;
    canvas.layout.timers.push(TimerLine { id, from, to, y, is_cut, title });
    let own = Rect::new(from - 10, y - 50, to - from + 60, 100);
    // Where the words do not fit, how long it waited says enough.
    let short = words::short_ms(waited);
    let fits = put_timer_words(canvas, label.clone(), (from, to), y)
        || put_timer_words(canvas, short, (from, to), y);
    if !fits {
        canvas.layout.omitted.push(label);
    }
    canvas.obstacles.boxes.push(own);
}

fn put_timer_words(
    canvas: &mut Canvas<'_, '_>,
    label: String,
    (from, to): (Px, Px),
    y: Px,
) -> bool {
    let font = Font::SMALL;
    let (w, h) = (font.width(&label) + 80, 160);
    let middle = super::canvas::mid(from, to) - w / 2;
    let mut places = vec![(Rect::new(middle, y - h / 2, w, h), 0)];
    for step in 1..6 {
        places.push((Rect::new(middle - step * 150, y - h / 2, w, h), i64::from(step)));
        places.push((Rect::new(middle + step * 150, y - h / 2, w, h), i64::from(step)));
    }
    places.retain(|(rect, _)| rect.x >= from && rect.right() + 60 <= to);
    for left in [to - w - 60, to - w - 400, from] {
        places.push((Rect::new(left, y + 60, w, h), 15));
    }
    places.push((Rect::new(from - w - 40, y - h / 2, w, h), 20));
    places.push((Rect::new(to + 70, y - h / 2, w, h), 20));
    // The label has a ground of its own: one thin line behind it does no harm.
    let Some((rect, _)) = canvas.obstacles.cheapest(&places).filter(|(_, cost)| *cost < 200) else {
        return false;
    };
    canvas.put_tag(Tag {
        home: Home::Free,
        rect,
        text: label,
        font,
        ink: Token::Muted,
        ground: Some(Token::Bg),
        edge: None,
        anchor: Anchor::Middle,
    });
    true
}

/// The id of a timer's line.
pub(super) fn timer_id(name: &str, fired: &Fired) -> String {
    format!("timer-{name}-{}", fired.event)
}

/// `n3 election timer, 150 ms`.
pub(super) fn timer_words(scene: &Scene<'_>, fired: &Fired) -> String {
    let name = words::name(&scene.trace.cast, fired.node);
    let what = fired.timer.replace('-', " ");
    let noun = if what.contains("time") { "" } else { " timer" };
    format!("{name} {what}{noun}, {}", words::short_ms(fired.waited.as_nanos()))
}

/// Places a diamond wherever a majority is complete.
pub(super) fn place_diamonds(canvas: &mut Canvas<'_, '_>) {
    const DIAMONDS_MAX: usize = 24;
    let mut last_x = None;
    let drawn: BTreeSet<EventId> = canvas
        .chosen
        .messages
        .iter()
        .filter_map(|i| match canvas.scene.messages[*i].fate {
            Fate::Arrived { event, .. } => Some(event),
            Fate::Lost { .. } | Fate::Flying => None,
        })
        .collect();
    for event in canvas.scene.events() {
        let What::Fact(fact) = &event.what else { continue };
        let Some((node, y)) = event.node.and_then(|node| Some((node, canvas.lanes.y(node)?)))
        else {
            continue;
        };
        let is_told = canvas.story.steps.iter().any(|step| step.event == event.id)
            || event.cause.is_some_and(|cause| drawn.contains(&cause));
        if fact.mark != Mark::Majority || !canvas.shows(event.at) || !is_told {
            continue;
        }
        let x = canvas.axis.x(event.at);
        // Commits in compressed time would lie on top of each other.
        if last_x.is_some_and(|(on, last)| on == node && x - last < 140) {
            continue;
        }
        if canvas.layout.diamonds.len() >= DIAMONDS_MAX {
            return;
        }
        last_x = Some((node, x));
        let epoch = canvas.scene.standing(node, event.at).map_or(0, |standing| standing.epoch);
        let title = fact.caption.as_ref().map_or_else(
            || fact.name.to_owned(),
            |c| words::fill(c, node, &canvas.scene.trace.cast),
        );
        canvas.layout.diamonds.push(Diamond { x, y, token: Token::of_epoch(epoch), title });
        canvas.obstacles.boxes.push(Rect::around(x, y, 140, 160));
    }
}

/// Places a line through all lanes wherever a promise broke.
pub(super) fn place_violations(canvas: &mut Canvas<'_, '_>, (top, bottom): (Px, Px)) {
    for event in canvas.scene.events() {
        let What::Violated { promise, why, .. } = &event.what else { continue };
        if !canvas.shows(event.at) || canvas.layout.violations.len() >= VIOLATIONS_MAX {
            continue;
        }
        let x = canvas.axis.x(event.at);
        let culprit = event.node.and_then(|node| canvas.lanes.y(node)).unwrap_or(top + 300);
        let id = format!("violation-{}", canvas.layout.violations.len() + 1);
        let title = format!("{promise} is broken at {}: {why}", words::moment(event.at));
        canvas.layout.violations.push(ViolationLine { id, x, top, bottom, culprit, title });
        canvas.obstacles.boxes.push(Rect::around(x, culprit - 20, 300, 260));
        canvas.obstacles.lines.push(Segment::new((x, top), (x, bottom)));
    }
}

/// Names what broke, beside the triangle or else at an end of its line, where nothing else is.
pub(super) fn name_violations(canvas: &mut Canvas<'_, '_>, promises: &[PromiseInfo]) {
    let broken = canvas.scene.events().filter(|event| canvas.shows(event.at));
    let broken: Vec<&str> = broken
        .filter_map(|event| {
            let What::Violated { promise, .. } = &event.what else { return None };
            Some(*promise)
        })
        .collect();
    for (promise, line) in broken.into_iter().zip(canvas.layout.violations.clone()) {
        let info = promises.iter().find(|info| info.name == promise);
        let broken = info.map_or_else(|| promise.replace('-', " "), |info| info.short.to_owned());
        let mut tag = pill(format!("broken: {broken}"), 0, line.culprit, Font::PILL);
        let mut rows = vec![(tag.rect.y - 335, 0), (tag.rect.y + 335, 1)];
        rows.extend([(line.top + 60, 5), (line.top + 240, 6), (line.bottom - 180, 7)]);
        rows.extend([(line.top + 420, 8), (line.bottom - 360, 9), (line.bottom - 540, 10)]);
        let mut places = Vec::new();
        for (y, extra) in rows {
            for (x, aside) in [(line.x + 80, 0), (line.x - 80 - tag.rect.w, 1)] {
                places.push((Rect { x, y, ..tag.rect }, extra + aside));
                let away = if aside == 0 { x + 120 } else { x - 120 };
                places.push((Rect { x: away, y, ..tag.rect }, extra + aside + 2));
            }
        }
        // Where it is crowded: at any height, on any side, somewhat away.
        for y in (line.top + 60..line.bottom - 180).step_by(90) {
            for (x, extra) in [(line.x + 80, 600), (line.x - 80 - tag.rect.w, 601)] {
                places.push((Rect { x, y, ..tag.rect }, extra));
            }
            for (x, extra) in [(line.x + 400, 620), (line.x - 400 - tag.rect.w, 621)] {
                places.push((Rect { x, y, ..tag.rect }, extra));
            }
        }
        places.retain(|(rect, _)| canvas.obstacles.bounds.holds(*rect));
        places.retain(|(rect, _)| canvas.obstacles.is_free(*rect));
        match canvas.obstacles.cheapest(&places) {
            Some((rect, _)) => {
                tag.rect = rect;
                tag.ink = Token::Onfill;
                tag.ground = Some(Token::Fault);
                canvas.put_tag(tag);
            }
            None => canvas.layout.omitted.push(tag.text),
        }
    }
}

/// Places the numbered discs, and the words `split`, `heal`, `crash` beside them.
pub(super) fn place_discs(canvas: &mut Canvas<'_, '_>) {
    let (story, chosen) = (canvas.story, canvas.chosen);
    for step in story.steps.iter().filter(|step| chosen.shows(step.at)) {
        place_disc(canvas, step);
    }
    sort_discs(canvas);
}

fn place_disc(canvas: &mut Canvas<'_, '_>, step: &StoryStep) {
    const SIZE: Px = 210;
    let x = canvas.axis.x(step.at);
    let lane = step.node.and_then(|node| canvas.lanes.y(node));
    let y = match (lane, step.node) {
        (Some(y), Some(node)) => y - rise(canvas, node, step.at),
        _ => network_y(canvas, step),
    };
    let sign_font = Font::LABEL;
    let sign = step.sign.filter(|sign| !matches!(*sign, "" | "fault" | "calm"));
    let sign_width = sign.map_or(0, |sign| sign_font.width(sign) + 60);
    let beside = |disc: Rect| {
        let width = sign_width - 40;
        [
            (Rect::new(disc.right() + 20, disc.y + 25, width, 160), 0),
            (Rect::new(disc.x - 20 - width, disc.y + 25, width, 160), 3),
        ]
    };
    let mut places = Vec::new();
    // Below a node it stands under the bar; between clients it stays next to its own.
    let is_on_node = step.node.is_some_and(|node| !canvas.scene.is_client(node));
    let below_lane = if lane.is_some() && is_on_node { 420 } else { 225 };
    for (dx, extra) in SHIFTS {
        for (dy, below) in [(0, 0), (-225, 40), (below_lane, 45)] {
            let rect = Rect::around(x + dx, y + dy, SIZE, SIZE);
            let with_sign = sign.and_then(|_| canvas.obstacles.cheapest(&beside(rect)));
            places.push((rect, extra + below + with_sign.map_or(0, |(_, cost)| cost / 2)));
        }
    }
    let Some((rect, _)) = canvas.obstacles.cheapest(&places) else { return };
    canvas.obstacles.boxes.push(rect);
    canvas.layout.discs.push(Disc {
        number: step.number,
        x: rect.mid_x(),
        y: rect.mid_y(),
        title: step.sentence.clone(),
    });
    let Some(sign) = sign else { return };
    if let Some((place, cost)) = canvas.obstacles.cheapest(&beside(rect))
        && cost < 1_000
    {
        canvas.put_tag(Tag {
            home: Home::Free,
            rect: place,
            text: sign.to_owned(),
            font: sign_font,
            ink: Token::Fault,
            ground: (cost >= 100).then_some(Token::Bg),
            edge: None,
            anchor: Anchor::Middle,
        });
    }
}

/// Of discs that stand in one row for nearly one moment, the smaller number stands left.
fn sort_discs(canvas: &mut Canvas<'_, '_>) {
    const NEAR: Px = 300;
    let when: Vec<(usize, Px)> = canvas
        .story
        .steps
        .iter()
        .filter(|step| step.sign.is_none())
        .map(|step| (step.number, canvas.axis.x(step.at)))
        .collect();
    let moment = |number: usize| when.iter().find(|(n, _)| *n == number).map(|(_, x)| *x);
    let discs = &mut canvas.layout.discs;
    for i in 0..discs.len() {
        for j in i + 1..discs.len() {
            let is_row = discs[i].y == discs[j].y && discs[i].x > discs[j].x;
            let is_near = [(i, j), (j, i)].into_iter().all(|(of, to)| {
                moment(discs[of].number).is_some_and(|x| (x - discs[to].x).abs() <= NEAR)
            });
            if is_row && is_near {
                let x = discs[i].x;
                discs[i].x = discs[j].x;
                discs[j].x = x;
            }
        }
    }
}

/// How far above its lane's middle a disc stands.
fn rise(canvas: &Canvas<'_, '_>, node: sim_engine::NodeId, at: Instant) -> Px {
    if canvas.scene.is_client(node) {
        return 0;
    }
    let down =
        canvas.scene.downs.iter().any(|d| d.node == node && (d.from == at || d.to == Some(at)));
    if down {
        return 340;
    }
    let half = canvas.scene.standing(node, at).map_or(40, |standing| half_of(standing.class));
    // As high above a thin bar as above a thick one, so that discs stand in a row.
    half.max(100) + 110
}

/// Where a step of the network stands: on the upper edge of its partition, on its bracket, or on
/// top.
fn network_y(canvas: &Canvas<'_, '_>, step: &StoryStep) -> Px {
    let x = canvas.axis.x(step.at);
    let bracket = canvas.layout.brackets.iter().find(|bracket| {
        !matches!(step.sign, Some("split" | "heal"))
            && (bracket.rect.x == x || bracket.rect.right() == x)
    });
    if let Some(bracket) = bracket {
        return bracket.rect.mid_y();
    }
    match canvas.layout.walls.iter().find(|wall| wall.span.x == x || wall.span.right() == x) {
        Some(wall) => wall.span.y,
        None => canvas.lanes.node_span().map_or(0, |(top, _)| top - 310),
    }
}

/// Words for the rounds that are folded into the first one.
pub(super) fn place_folds(canvas: &mut Canvas<'_, '_>) {
    let folds: Vec<Fold> = canvas.chosen.folds.clone();
    for fold in folds {
        let drawn = fold.messages.iter().any(|i| canvas.chosen.messages.contains(i));
        let Some(y) = canvas.lanes.y(fold.sender).filter(|_| drawn) else { continue };
        let plural = if fold.word.contains(' ') || fold.word.ends_with('s') { "" } else { "s" };
        let text = format!("{}{plural} ×{}", fold.word, fold.rounds);
        let font = Font::SMALL;
        let text = cut(&text, font, 1_600);
        let (w, h) = (font.width(&text) + 20, 160);
        let x = canvas.axis.x(fold.at);
        let near = [-350, 20, -600, 150, 300, -900, 500, 700, -1_200, 900, 1_200, 1_600, 2_000];
        let places: Vec<_> = near
            .into_iter()
            .zip((0_i64..).step_by(25))
            .flat_map(|(dx, far)| {
                [(-330, 0), (-280, 2), (120, 40), (-480, 42)]
                    .map(|(dy, cost)| (Rect::new(x + dx, y + dy, w, h), far + cost))
            })
            .collect();
        if let Some((rect, cost)) = canvas.obstacles.cheapest(&places)
            && cost < 400
        {
            canvas.put_tag(Tag {
                home: Home::Free,
                rect,
                text,
                font,
                ink: Token::Muted,
                ground: (cost >= 100).then_some(Token::Bg),
                edge: None,
                anchor: Anchor::Start,
            });
        } else {
            canvas.layout.omitted.push(text);
        }
    }
}
