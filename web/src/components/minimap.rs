//! The whole stage in small, while only a part of it is in view.

use yew::prelude::*;

use super::packets::Camera;
use super::{Act, perhaps};
use crate::app::Msg;
use crate::layout::Scene;
use crate::layout::geometry::Rect;
use crate::platform;
use crate::shared::Shared;

/// The room it takes, in pixels.
const SIZE: (f64, f64) = (168.0, 108.0);

/// Pixels for a unit of the stage.
fn scale(scene: &Scene) -> f64 {
    (SIZE.0 / scene.width.max(1.0)).min(SIZE.1 / scene.height.max(1.0))
}

/// Moves the frame around what is in view.
pub(crate) fn aim(frame: &NodeRef, scene: &Scene, camera: Camera, canvas: (f64, f64)) {
    let k = scale(scene) / camera.zoom;
    let (w, h) = (scene.width * scale(scene), scene.height * scale(scene));
    let left = (-camera.x * k).clamp(0.0, w);
    let top = (-camera.y * k).clamp(0.0, h);
    let right = ((canvas.0 - camera.x) * k).clamp(left, w);
    let bottom = ((canvas.1 - camera.y) * k).clamp(top, h);
    let element = || frame.cast();
    platform::style(
        element(),
        "transform",
        &format!("translate({left:.1}px,{top:.1}px)"),
    );
    platform::style(element(), "width", &format!("{:.1}px", right - left));
    platform::style(element(), "height", &format!("{:.1}px", bottom - top));
}

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) scene: Shared<Scene>,
    /// Which network is filtered for.
    pub(crate) filter: Option<AttrValue>,
    pub(crate) root: NodeRef,
    pub(crate) view: NodeRef,
    pub(crate) act: Act,
}

/// The map itself: boxes only, one path for each hue.
#[component]
pub(crate) fn Minimap(p: &Props) -> Html {
    let s = &p.scene;
    let k = scale(s);
    let boxed = |d: &mut String, r: Rect| {
        d.push_str(&format!(
            "M{:.0} {:.0}h{:.0}v{:.0}h{:.0}z",
            r.x, r.y, r.w, r.h, -r.w
        ));
    };
    let mut frames = String::new();
    let mut hues: Vec<(&'static str, String)> = Vec::new();
    for host in &s.hosts {
        boxed(&mut frames, host.rect);
        let bars = host.lanes.iter().map(|l| (Some(l.mark), l.bar));
        let wanted = |c: &&crate::layout::scene::ContainerBox| {
            p.filter.as_deref().is_none_or(|f| c.is_on(f))
        };
        let containers = host.containers.iter().filter(wanted);
        let containers = containers.map(|c| (c.networks.first().map(|n| n.1), c.rect));
        for (mark, r) in bars.chain(containers) {
            let hue = mark.map_or("plain", |m| m.hue());
            match hues.iter_mut().find(|h| h.0 == hue) {
                Some(found) => boxed(&mut found.1, r),
                None => {
                    let mut d = String::new();
                    boxed(&mut d, r);
                    hues.push((hue, d));
                }
            }
        }
    }
    for o in &s.outside {
        boxed(&mut frames, o.rect);
    }
    let paths = hues
        .into_iter()
        .map(|(hue, d)| html! { <path key={hue} class={hue} {d} /> });
    let look = {
        let root = p.root.clone();
        perhaps(&p.act, move |e: PointerEvent| {
            if e.buttons() & 1 == 0 {
                return None;
            }
            e.stop_propagation();
            let r = root.cast::<web_sys::Element>()?.get_bounding_client_rect();
            let (x, y) = (f64::from(e.client_x()), f64::from(e.client_y()));
            Some(Msg::Center((x - r.left()) / k, (y - r.top()) / k))
        })
    };
    html! {
        <div class="minimap off" ref={p.root.clone()} aria-hidden="true" onpointerdown={look.clone()} onpointermove={look}>
            <svg width={(s.width * k).to_string()} height={(s.height * k).to_string()} viewBox={format!("0 0 {:.0} {:.0}", s.width, s.height)}>
                <path class="frame" d={frames} />
                <g>{ for paths }</g>
            </svg>
            <div class="inview" ref={p.view.clone()}></div>
        </div>
    }
}
