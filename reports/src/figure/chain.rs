//! The causal chain of a violation: marker-pen under the arrows, spans and timers that led to it.

use sim_engine::{ChainLink, How};

use super::canvas::Canvas;
use super::geometry::Segment;
use super::marks;
use crate::words;

/// How far below the middle of its lane a span of the chain runs.
const BELOW: i32 = 150;

/// Places the chain under what is drawn of it already.
pub(super) fn place_chain(canvas: &mut Canvas<'_, '_>) {
    let scene = canvas.scene;
    for link in &scene.chain.links {
        let line = match link.how {
            How::Message | How::Lost => arrow(canvas, link),
            How::Kept => kept(canvas, link),
            How::Timer => timer(canvas, link),
            How::Missed => None,
        };
        canvas.layout.chain.extend(line);
    }
}

fn arrow(canvas: &Canvas<'_, '_>, link: &ChainLink) -> Option<Segment> {
    let id = canvas.scene.message_of(link)?;
    canvas.layout.arrows.iter().find(|arrow| arrow.holds(id)).map(|arrow| arrow.line)
}

/// Along a lane, from one moment to another.
fn kept(canvas: &Canvas<'_, '_>, link: &ChainLink) -> Option<Segment> {
    let (from, to) = (canvas.scene.causes.get(&link.from)?, canvas.scene.causes.get(&link.to)?);
    let y = canvas.lanes.y(to.node?)? + BELOW;
    let (x1, x2) = (canvas.axis.x(from.at), canvas.axis.x(to.at));
    (x2 > x1 + 40).then(|| Segment::new((x1, y), (x2, y)))
}

fn timer(canvas: &Canvas<'_, '_>, link: &ChainLink) -> Option<Segment> {
    let fired = canvas.scene.fired.iter().find(|fired| fired.event == link.to)?;
    let id = marks::timer_id(&words::name(&canvas.scene.trace.cast, fired.node), fired);
    let drawn = canvas.layout.timers.iter().find(|timer| timer.id == id)?;
    Some(Segment::new((drawn.from, drawn.y), (drawn.to, drawn.y)))
}
