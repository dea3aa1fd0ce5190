//! Our own icons and the networks' marks, as inline SVG.

use yew::prelude::*;

use crate::layout::scene::Mark;

/// An icon of the set, by what it stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Icon {
    Play,
    Pause,
    Next,
    Previous,
    Replay,
    Undo,
    Redo,
    Reset,
    Help,
    Settings,
    Down,
    Plus,
    Minus,
    Close,
    Check,
    Lock,
    Terminal,
    Alert,
    Laptop,
    Globe,
    Router,
    Server,
    Network,
    Box,
    List,
    Expand,
    Maximise,
    Drop,
    Hand,
    Search,
    Up,
    Split,
    Loop,
    Heat,
    Skip,
    Alone,
    Download,
    More,
}

impl Icon {
    const fn path(self) -> &'static str {
        match self {
            Self::Play => "M6 4l10 6-10 6z",
            Self::Pause => "M5 4h3.4v12H5zM11.6 4H15v12h-3.4z",
            Self::Next => "M4 4.500l8 5.500-8 5.500zM15 4.500v11",
            Self::Previous => "M16 4.500L8 10l8 5.500zM5 4.500v11",
            Self::Replay => "M4 10a6 6 0 1 0 2-4.500M6.300 2.300v3.400h3.400",
            Self::Undo => "M7 5L3.500 8.500 7 12M4 8.500h8a4.500 4.500 0 0 1 0 9H9",
            Self::Redo => "M13 5l3.500 3.500L13 12M16 8.500H8a4.500 4.500 0 0 0 0 9h3",
            Self::Reset => "M4.500 10a5.500 5.500 0 1 0 5.500-5.500H5M7.500 2L5 4.500 7.500 7",
            Self::Help => {
                "M10 3a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM8 8a2 2 0 1 1 2.900 1.800c-.6.3-.9.7-.9 1.400M10 14v.1"
            }
            Self::Skip => "M3 6v8M6.500 10h.1M10 10h.1M13.500 6v8M16.500 6v8",
            Self::Alone => "M4 10h9M10 6.500l3.500 3.500-3.500 3.500M4 4.500h3M4 15.500h3",
            Self::Settings => "M3 6h7M14 6h3M3 14h3M10 14h7M12 3.800v4.400M8 11.800v4.400",
            Self::Down => "M5.500 8l4.500 4.500L14.500 8",
            Self::Up => "M4.500 12.500L10 7l5.500 5.500",
            Self::Split => "M3.500 4h13v12h-13zM10 4v12",
            Self::Plus => "M10 4v12M4 10h12",
            Self::Minus => "M4 10h12",
            Self::Close => "M5 5l10 10M15 5L5 15",
            Self::Check => "M4 10.500l4 4 8-9",
            Self::Lock => "M4.500 9h11v7.500h-11zM7 9V6.500a3 3 0 0 1 6 0V9",
            Self::Terminal => {
                "M4.500 4h11a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2h-11a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2zM5.500 8l2.500 2-2.500 2M10 12.500h4"
            }
            Self::Alert => "M10 3l7.500 13.500h-15zM10 8v4M10 14.300v.1",
            Self::Laptop => {
                "M5.200 4.500h9.600A1.200 1.200 0 0 1 16 5.700v6.800H4V5.700a1.200 1.200 0 0 1 1.200-1.200zM2 15.500h16"
            }
            Self::Globe => {
                "M10 3a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM3 10h14M10 3c2.500 2.200 2.500 11.800 0 14M10 3c-2.500 2.200-2.500 11.800 0 14"
            }
            Self::Router => {
                "M4.500 10.500h11A1.500 1.500 0 0 1 17 12v2.500a1.500 1.500 0 0 1-1.500 1.500h-11A1.500 1.500 0 0 1 3 14.500V12a1.500 1.500 0 0 1 1.500-1.500zM6 13.300h.1M9 13.300h.1M13.500 10.500V6M11.500 4.500a3 3 0 0 1 4 0"
            }
            Self::Server => {
                "M5 3.500h10A1.500 1.500 0 0 1 16.500 5v4h-13V5A1.500 1.500 0 0 1 5 3.500zM3.500 11h13v4a1.500 1.500 0 0 1-1.500 1.500H5A1.500 1.500 0 0 1 3.500 15zM6.500 6.300h.1M6.500 13.800h.1"
            }
            Self::Network => {
                "M4.500 8h11A1.500 1.500 0 0 1 17 9.500v1a1.500 1.500 0 0 1-1.500 1.500h-11A1.500 1.500 0 0 1 3 10.500v-1A1.500 1.500 0 0 1 4.500 8zM6 8V4.500M14 8V4.500M10 12v3.500"
            }
            Self::Box => {
                "M3.500 6.500L10 3l6.500 3.500v7L10 17l-6.500-3.500zM3.500 6.500L10 10l6.500-3.500M10 10v7"
            }
            Self::List => "M8 5.500h9M8 10h9M8 14.500h9M3.500 5.500h.1M3.500 10h.1M3.500 14.500h.1",
            Self::Expand => {
                "M11.500 3.500h5v5M16.500 3.500l-6 6M8.500 16.500h-5v-5M3.500 16.500l6-6"
            }
            Self::Maximise => "M4 8V4h4M12 4h4v4M16 12v4h-4M8 16H4v-4",
            Self::Drop => {
                "M7 2.800h6L17.200 7v6L13 17.200H7L2.800 13V7zM7.500 7.500l5 5M12.500 7.500l-5 5"
            }
            Self::Loop => {
                "M4 9V8a3 3 0 0 1 3-3h9M13.500 2.500L16 5l-2.500 2.500M16 11v1a3 3 0 0 1-3 3H4M6.500 17.500L4 15l2.500-2.500"
            }
            Self::Heat => {
                "M10 17a5 5 0 0 0 5-5c0-4-4-5-4-9-3 1.500-6 5-6 9a5 5 0 0 0 5 5zM10 17a2.300 2.300 0 0 0 2.300-2.300c0-1.700-1.800-2-2.300-3.700-1 .8-2.300 2-2.300 3.700A2.300 2.300 0 0 0 10 17z"
            }
            Self::More => "M4.500 10h.1M10 10h.1M15.500 10h.1",
            Self::Download => "M10 3v9.500M6 9l4 4 4-4M4 16.500h12",
            Self::Search => {
                "M8.800 3.500a5.300 5.300 0 1 0 0 10.600 5.300 5.300 0 0 0 0-10.600zM12.800 12.800L17 17"
            }
            Self::Hand => {
                "M7 10V5.500a1.200 1.200 0 0 1 2.400 0V9M9.400 8.500V4.300a1.200 1.200 0 0 1 2.400 0V9M11.800 9V5.500a1.200 1.200 0 0 1 2.400 0V12c0 3-1.800 5-4.700 5-2.300 0-3.500-1-4.700-3L3.300 11.300a1.200 1.200 0 0 1 2-1.300L7 12"
            }
        }
    }
}

/// An icon in running HTML.
pub(crate) fn icon(icon: Icon) -> Html {
    html! { <svg class="ic" viewBox="0 0 20 20" aria-hidden="true"><path d={icon.path()} /></svg> }
}

/// An icon on the stage, with its left top corner and size.
pub(crate) fn icon_at(icon: Icon, x: f64, y: f64, size: f64) -> Html {
    html! {
        <svg class="icn" x={px(x)} y={px(y)} width={px(size)} height={px(size)} viewBox="0 0 20 20" aria-hidden="true">
            <path d={icon.path()} />
        </svg>
    }
}

const fn mark_path(mark: Mark) -> &'static str {
    match mark.0 % 6 {
        0 => "M6 .5L11.500 6 6 11.500.5 6z",
        1 => "M6 .8a5.200 5.200 0 1 0 0 10.400A5.200 5.200 0 0 0 6 .8z",
        2 => "M1 1h10v10H1z",
        3 => "M6 .8l5.600 10H.4z",
        4 => "M6 .4l4.900 2.800v5.600L6 11.600 1.100 8.800V3.200z",
        _ => "M4 .8h4V4h3.200v4H8v3.200H4V8H.8V4H4z",
    }
}

fn mark_class(mark: Mark, base: &str) -> String {
    format!(
        "{base} {}{}",
        mark.hue(),
        if mark.hollow() { " hollow" } else { "" }
    )
}

/// A network's mark in running HTML.
pub(crate) fn mark(mark: Mark) -> Html {
    html! {
        <svg class={mark_class(mark, "gl")} viewBox="-1 -1 14 14" aria-hidden="true"><path d={mark_path(mark)} /></svg>
    }
}

/// A network's mark on the stage.
pub(crate) fn mark_at(mark: Mark, x: f64, y: f64, size: f64) -> Html {
    html! {
        <svg class={mark_class(mark, "gls")} x={px(x)} y={px(y)} width={px(size)} height={px(size)} viewBox="-1 -1 14 14">
            <path d={mark_path(mark)} />
        </svg>
    }
}

/// A length for an SVG attribute.
pub(crate) fn px(value: f64) -> String {
    format!("{value:.1}")
}

/// The product's sign: two containers in a dock.
pub(crate) fn logo() -> Html {
    html! {
        <svg viewBox="0 0 24 24" aria-hidden="true" class="logo">
            <path class="dock-line" d="M2.500 5v10.500a4 4 0 0 0 4 4h11a4 4 0 0 0 4-4V5" />
            <rect class="n2" x="6.500" y="9" width="4.600" height="4.600" rx="1.200" />
            <rect class="n1" x="12.900" y="9" width="4.600" height="4.600" rx="1.200" />
            <path class="dock-wire" d="M8.800 13.600v2.200h6.400v-2.200" />
        </svg>
    }
}
