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
    pub(crate) fn cx(&self) -> f64 {
        self.x + self.w / 2.0
    }
    pub(crate) fn cy(&self) -> f64 {
        self.y + self.h / 2.0
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

/// SVG path data of a polyline with its corners rounded.
pub(crate) fn rounded(points: &[Point], radius: f64) -> String {
    let mut d = String::new();
    let mut previous: Option<Point> = None;
    for (i, &p) in points.iter().enumerate() {
        match (previous, points.get(i + 1)) {
            (None, _) => d.push_str(&format!("M{:.1} {:.1}", p.x, p.y)),
            (Some(a), Some(&b)) => {
                let (before, after) = (distance(a, p), distance(p, b));
                let r = radius.min(before / 2.0).min(after / 2.0);
                if r < 0.5 {
                    d.push_str(&format!("L{:.1} {:.1}", p.x, p.y));
                } else {
                    let (s, t) = (r / before, r / after);
                    let enter = pt(p.x + (a.x - p.x) * s, p.y + (a.y - p.y) * s);
                    let leave = pt(p.x + (b.x - p.x) * t, p.y + (b.y - p.y) * t);
                    d.push_str(&format!(
                        "L{:.1} {:.1}Q{:.1} {:.1} {:.1} {:.1}",
                        enter.x, enter.y, p.x, p.y, leave.x, leave.y
                    ));
                }
            }
            (Some(_), None) => d.push_str(&format!("L{:.1} {:.1}", p.x, p.y)),
        }
        previous = Some(p);
    }
    d
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
    fn corners_are_never_rounded_beyond_half_a_side() {
        let d = rounded(&[pt(0.0, 0.0), pt(4.0, 0.0), pt(4.0, 40.0)], 8.0);
        assert_eq!(d, "M0.0 0.0L2.0 0.0Q4.0 0.0 4.0 2.0L4.0 40.0");
    }
}
