//! The containers inside a machine's root namespace, beside the hooks' callouts.

use lab::view::Container;

use super::geometry::{pt, rect, simplify};
use super::host::{Host, wire};
use super::scene::{HostBox, Scene};

impl Host<'_> {
    /// Room for the containers inside the root namespace.
    pub(super) fn shelf_height(&self, count: usize, width: f64) -> f64 {
        if count == 0 {
            return 0.0;
        }
        let across = self.shelf_across(width);
        self.shelf_top() + count.div_ceil(across) as f64 * (self.shelf_row() + 10.0) + 26.0
    }

    /// Containers side by side; the line from the interface to PREROUTING passes them at the left.
    fn shelf_across(&self, width: f64) -> usize {
        let room = width - self.m.pick(120.0, 80.0);
        (room / (self.shelf_width() + self.m.gutter))
            .floor()
            .max(1.0) as usize
    }

    /// From the root namespace's edge to the first row of its containers.
    fn shelf_top(&self) -> f64 {
        self.m.pick(28.0, 22.0)
    }

    fn shelf_width(&self) -> f64 {
        self.m.pick(190.0, 160.0)
    }

    fn shelf_row(&self) -> f64 {
        self.m.head + self.m.row + self.m.pick(8.0, 4.0)
    }

    /// Containers that live in the root namespace, tied to its processes.
    pub(super) fn shelf(
        &self,
        scene: &mut Scene,
        host: &mut HostBox,
        inside: &[&Container],
        root_y: f64,
    ) {
        let Some(root) = host.root else { return };
        let w = self.shelf_width();
        let step = w + self.m.gutter;
        let across = self.shelf_across(root.w - 24.0);
        let y0 = root_y + self.shelf_top();
        let target = host.local.as_ref().map(|l| l.rect);
        for (i, container) in inside.iter().enumerate() {
            let (column, row) = (i % across, i / across);
            let area = rect(
                root.right() - 12.0 - w - column as f64 * step,
                y0 + row as f64 * (self.shelf_row() + 10.0),
                w,
                self.shelf_row(),
            );
            if let Some(local) = target {
                // Down beside its column to one line above the processes, and into them.
                let side = area.x - self.m.gutter / 2.0;
                let y = local.y - 5.0;
                let last_row = (row + 1) * across >= inside.len();
                let start = if last_row && column == 0 {
                    vec![pt(local.cx(), area.bottom())]
                } else if last_row {
                    vec![pt(area.cx(), area.bottom()), pt(area.cx(), y)]
                } else {
                    vec![pt(area.x, area.cy()), pt(side, area.cy()), pt(side, y)]
                };
                let mut line = start;
                line.extend([pt(local.cx(), y), pt(local.cx(), local.y)]);
                scene.wires.push(wire(simplify(line)));
            }
            self.put(scene, host, container, area, Vec::new());
        }
    }
}
