//! Points, boxes and polylines, in stage units (pixels at zoom 1).

/// A point.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Point {
    pub(crate) x: f64,
    pub(crate) y: f64,
}

/// Makes a point.
pub(crate) const fn pt(x: f64, y: f64) -> Point {
    Point { x, y }
}

/// A rectangle.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Rect {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) w: f64,
    pub(crate) h: f64,
}

/// Makes a rectangle.
pub(crate) const fn rect(x: f64, y: f64, w: f64, h: f64) -> Rect {
    Rect { x, y, w, h }
}

impl Rect {
    pub(crate) fn right(&self) -> f64 {
        self.x + self.w
    }
    pub(crate) fn bottom(&self) -> f64 {
        self.y + self.h
    }
    /// The least rectangle that holds both.
    pub(crate) fn around(&self, other: &Self) -> Self {
        let (x, y) = (self.x.min(other.x), self.y.min(other.y));
        let (right, bottom) = (
            self.right().max(other.right()),
            self.bottom().max(other.bottom()),
        );
        rect(x, y, right - x, bottom - y)
    }
    pub(crate) fn cx(&self) -> f64 {
        self.x + self.w / 2.0
    }
    pub(crate) fn cy(&self) -> f64 {
        self.y + self.h / 2.0
    }
    /// Whether it shares more than an edge with another.
    pub(crate) fn meets(&self, other: &Self) -> bool {
        self.x < other.right() - 0.5
            && other.x < self.right() - 0.5
            && self.y < other.bottom() - 0.5
            && other.y < self.bottom() - 0.5
    }
    /// Whether another lies within it.
    #[cfg(test)]
    pub(crate) fn encloses(&self, other: &Self) -> bool {
        other.x >= self.x - 0.5
            && other.right() <= self.right() + 0.5
            && other.y >= self.y - 0.5
            && other.bottom() <= self.bottom() + 0.5
    }
    /// Whether a point lies in it.
    pub(crate) fn holds(&self, p: Point) -> bool {
        p.x >= self.x && p.x <= self.right() && p.y >= self.y && p.y <= self.bottom()
    }
}

/// The length of a polyline.
pub(crate) fn length(points: &[Point]) -> f64 {
    points
        .windows(2)
        .map(|w| {
            if let [a, b] = w {
                distance(*a, *b)
            } else {
                0.0
            }
        })
        .sum()
}

fn distance(a: Point, b: Point) -> f64 {
    (b.x - a.x).hypot(b.y - a.y)
}

/// The point a share (0 to 1) of the way along a polyline.
pub(crate) fn along(points: &[Point], share: f64) -> Point {
    let Some(&first) = points.first() else {
        return Point::default();
    };
    let mut left = length(points) * share.clamp(0.0, 1.0);
    let mut at = first;
    for &next in points.iter().skip(1) {
        let step = distance(at, next);
        if step >= left && step > 0.0 {
            let k = left / step;
            return pt(at.x + (next.x - at.x) * k, at.y + (next.y - at.y) * k);
        }
        left -= step;
        at = next;
    }
    at
}

/// How far to either side a line's jump over another one reaches.
pub(crate) const JUMP: f64 = 6.0;

/// SVG path data of a polyline with its corners rounded.
pub(crate) fn rounded(points: &[Point], radius: f64) -> String {
    jumping(points, radius, &[])
}

/// SVG path data of a box with rounded corners, from whose lower edge a piece at one of its sides is left out.
pub(crate) fn notched(r: Rect, notch: Option<Rect>, radius: f64) -> String {
    let mut corners = vec![pt(r.x, r.y), pt(r.right(), r.y)];
    match notch {
        Some(n) if n.w >= r.w - radius => corners.extend([pt(r.right(), n.y), pt(r.x, n.y)]),
        Some(n) if n.right() >= r.right() - radius => corners.extend([
            pt(r.right(), n.y),
            pt(n.x, n.y),
            pt(n.x, r.bottom()),
            pt(r.x, r.bottom()),
        ]),
        Some(n) => corners.extend([
            pt(r.right(), r.bottom()),
            pt(n.right(), r.bottom()),
            pt(n.right(), n.y),
            pt(r.x, n.y),
        ]),
        None => corners.extend([pt(r.right(), r.bottom()), pt(r.x, r.bottom())]),
    }
    let middle = pt(r.cx(), r.y);
    corners.rotate_left(1);
    corners.insert(0, middle);
    corners.push(middle);
    rounded(&corners, radius) + "z"
}

/// The same, with jumps over the lines that cross its horizontal pieces at the given points.
pub(crate) fn jumping(points: &[Point], radius: f64, jumps: &[Point]) -> String {
    let mut d = String::new();
    let mut previous: Option<Point> = None;
    let mut pen = Point::default();
    for (i, &p) in points.iter().enumerate() {
        match (previous, points.get(i + 1)) {
            (None, _) => {
                d.push_str(&format!("M{:.1} {:.1}", p.x, p.y));
                pen = p;
            }
            (Some(a), Some(&b)) => {
                let (before, after) = (distance(a, p), distance(p, b));
                let r = radius.min(before / 2.0).min(after / 2.0);
                if r < 0.5 {
                    line(&mut d, pen, p, jumps);
                    pen = p;
                } else {
                    let (s, t) = (r / before, r / after);
                    let enter = pt(p.x + (a.x - p.x) * s, p.y + (a.y - p.y) * s);
                    let leave = pt(p.x + (b.x - p.x) * t, p.y + (b.y - p.y) * t);
                    line(&mut d, pen, enter, jumps);
                    d.push_str(&format!(
                        "Q{:.1} {:.1} {:.1} {:.1}",
                        p.x, p.y, leave.x, leave.y
                    ));
                    pen = leave;
                }
            }
            (Some(_), None) => line(&mut d, pen, p, jumps),
        }
        previous = Some(p);
    }
    d
}

fn line(d: &mut String, from: Point, to: Point, jumps: &[Point]) {
    if (from.y - to.y).abs() < 0.1 {
        let forth = if to.x > from.x { 1.0 } else { -1.0 };
        let inside = |p: &&Point| {
            (p.y - from.y).abs() < 0.1
                && (p.x - from.x) * forth > JUMP
                && (to.x - p.x) * forth > JUMP
        };
        let mut over: Vec<f64> = jumps.iter().filter(inside).map(|p| p.x).collect();
        sorted::sort_by(&mut over, |a, b| (a * forth).total_cmp(&(b * forth)));
        over.dedup_by(|a, b| (*a - *b).abs() < 2.0 * JUMP);
        for x in over {
            d.push_str(&format!(
                "H{:.1}a{JUMP} {JUMP} 0 0 {} {:.1} 0",
                x - JUMP * forth,
                u8::from(forth > 0.0),
                2.0 * JUMP * forth
            ));
        }
    }
    d.push_str(&format!("L{:.1} {:.1}", to.x, to.y));
}

/// Drops repeated points and those on a straight line between their neighbours.
pub(crate) fn simplify(points: Vec<Point>) -> Vec<Point> {
    let mut out: Vec<Point> = Vec::with_capacity(points.len());
    for p in points {
        if out.last().is_some_and(|q| distance(*q, p) < 0.01) {
            continue;
        }
        if let [.., a, b] = out.as_slice() {
            let straight = (b.x - a.x) * (p.y - b.y) - (b.y - a.y) * (p.x - b.x);
            let forward = (b.x - a.x) * (p.x - b.x) + (b.y - a.y) * (p.y - b.y);
            if straight.abs() < 0.01 && forward > 0.0 {
                out.pop();
            }
        }
        out.push(p);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_way_along_a_bent_line_is_its_corner() {
        let line = [pt(0.0, 0.0), pt(10.0, 0.0), pt(10.0, 10.0)];
        assert_eq!(along(&line, 0.5), pt(10.0, 0.0));
        assert_eq!(along(&line, 0.75), pt(10.0, 5.0));
        assert_eq!(along(&line, 2.0), pt(10.0, 10.0));
        assert_eq!(along(&[], 0.5), Point::default());
    }

    #[test]
    fn straight_pieces_are_joined_but_turning_back_is_kept() {
        let line = vec![
            pt(0.0, 0.0),
            pt(5.0, 0.0),
            pt(5.0, 0.0),
            pt(9.0, 0.0),
            pt(2.0, 0.0),
        ];
        assert_eq!(
            simplify(line),
            vec![pt(0.0, 0.0), pt(9.0, 0.0), pt(2.0, 0.0)]
        );
    }

    #[test]
    fn a_line_jumps_over_what_crosses_it_in_either_direction() {
        let forth = jumping(&[pt(0.0, 5.0), pt(40.0, 5.0)], 8.0, &[pt(20.0, 5.0)]);
        assert_eq!(forth, "M0.0 5.0H14.0a6 6 0 0 1 12.0 0L40.0 5.0");
        let back = jumping(&[pt(40.0, 5.0), pt(0.0, 5.0)], 8.0, &[pt(20.0, 5.0)]);
        assert_eq!(back, "M40.0 5.0H26.0a6 6 0 0 0 -12.0 0L0.0 5.0");
    }

    #[test]
    fn a_notched_box_is_closed_and_leaves_its_notch_free() {
        let r = rect(0.0, 0.0, 100.0, 50.0);
        assert_eq!(
            notched(r, Some(rect(60.0, 30.0, 40.0, 20.0)), 0.0),
            "M50.0 0.0L100.0 0.0L100.0 30.0L60.0 30.0L60.0 50.0L0.0 50.0L0.0 0.0L50.0 0.0z"
        );
        assert_eq!(
            notched(r, Some(rect(0.0, 30.0, 40.0, 20.0)), 0.0),
            "M50.0 0.0L100.0 0.0L100.0 50.0L40.0 50.0L40.0 30.0L0.0 30.0L0.0 0.0L50.0 0.0z"
        );
    }

    #[test]
    fn corners_are_never_rounded_beyond_half_a_side() {
        let d = rounded(&[pt(0.0, 0.0), pt(4.0, 0.0), pt(4.0, 40.0)], 8.0);
        assert_eq!(d, "M0.0 0.0L2.0 0.0Q4.0 0.0 4.0 2.0L4.0 40.0");
    }
}
