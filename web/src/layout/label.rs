//! Texts on the stage: where each stands and how much room it takes.
//!
//! Whatever is written on the stage is a [`Label`] of the scene, so that tests can hold that no two of them meet.

use super::geometry::{Rect, rect};
use super::text;

/// How a text looks: a class of the style sheet and the measures it has there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// A name.
    Name,
    /// A name on a chip.
    Chip,
    /// An address or anything else that could be typed.
    Mono,
    /// The same, more important.
    Strong,
    /// What the page says.
    Note,
    /// The title of a zone.
    Zone,
    /// A hook.
    Hook,
    /// A caption in small print.
    Fine,
    /// The words on a pill.
    Pill,
    /// The resolver's sign.
    Dns,
}

impl Style {
    /// Class, size in pixels and width of a letter in em, on the safe side.
    const fn measures(self) -> (&'static str, f64, f64) {
        match self {
            Self::Name => ("tn", 13.0, 0.61),
            Self::Chip => ("tc", 12.0, 0.61),
            Self::Mono => ("tm", 11.5, 0.61),
            Self::Strong => ("tm1", 11.5, 0.61),
            Self::Note => ("ts", 11.5, 0.60),
            Self::Zone => ("tl0", 10.5, 0.80),
            Self::Hook => ("th", 11.0, 0.61),
            Self::Fine => ("tf", 11.0, 0.61),
            Self::Pill => ("tp", 10.5, 0.62),
            Self::Dns => ("tr", 9.5, 0.61),
        }
    }

    /// Width of a text.
    pub(crate) fn width(self, text: &str) -> f64 {
        let (_, size, em) = self.measures();
        text::length(text) * size * em
    }

    /// Shortens a text to a width, with an ellipsis; to nothing where there is no room.
    pub(crate) fn fit(self, text: &str, width: f64) -> String {
        // Whole letters are counted only where some have to go: not all are as wide as a Latin one.
        if self.width(text) <= width {
            return text.to_owned();
        }
        let (_, size, em) = self.measures();
        let most = (width / (size * em)).floor();
        if most < 2.0 {
            return String::new();
        }
        text::shorten(text, most as usize)
    }

    /// Shortens a name to a width in its middle, since names often differ at their end.
    pub(crate) fn fit_middle(self, name: &str, width: f64) -> String {
        let (_, size, em) = self.measures();
        let most = (width / (size * em)).floor() as usize;
        let count = name.chars().count();
        if count <= most || most < 5 {
            return self.fit(name, width);
        }
        let tail = (most - 1) / 2;
        let head = most - 1 - tail;
        let start = name.chars().take(head);
        let end = name.chars().skip(count - tail);
        start.chain(std::iter::once('…')).chain(end).collect()
    }
}

/// Which of its points a text is placed by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Anchor {
    #[default]
    Start,
    Middle,
    End,
}

/// A text with its place.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Label {
    pub(crate) x: f64,
    /// Of its baseline.
    pub(crate) y: f64,
    pub(crate) style: Style,
    pub(crate) anchor: Anchor,
    pub(crate) text: String,
}

/// Makes a label that begins at a point.
pub(crate) fn label(x: f64, y: f64, style: Style, text: impl Into<String>) -> Label {
    Label {
        x,
        y,
        style,
        anchor: Anchor::Start,
        text: text.into(),
    }
}

/// The name of a thing for those who listen to the page, or speak to it: what is written on it, in its order, then what
/// else there is to say. A name that had to be shortened is said in full instead.
pub(crate) fn named<'a>(labels: impl IntoIterator<Item = &'a Label>, spoken: &'a str) -> String {
    let labels = labels.into_iter().map(|l| l.text.as_str());
    let seen: Vec<&'a str> = labels.filter(|text| !text.is_empty()).collect();
    if seen.first().is_none_or(|name| name.contains('…')) {
        return spoken.to_owned();
    }
    // Of what was cut off at its end, all is said there.
    let whole = |text: &'a str| -> Option<&str> {
        let Some((stem, _)) = text.split_once('…') else {
            return Some(text);
        };
        let mut parts = spoken.split(", ");
        parts.find(|part| part.starts_with(stem.trim_end()) && text.ends_with('…'))
    };
    let seen: Vec<&str> = seen.into_iter().filter_map(whole).collect();
    // What is written may be said already, with other signs between.
    let plain = |text: &str| {
        let words = text.split([' ', ',', '·']).filter(|w| !w.is_empty());
        words.collect::<Vec<_>>().join(" ")
    };
    if plain(spoken).contains(&plain(&seen.join(" "))) {
        return spoken.to_owned();
    }
    let same = |text: &str, part: &str| {
        let begins = |text: &str| {
            let rest = text.strip_prefix(part);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        begins(text) || text.split(' ').any(begins)
    };
    let more = spoken
        .split(", ")
        .filter(|part| !seen.iter().any(|text| same(text, part)));
    let all: Vec<&str> = seen.iter().copied().chain(more).collect();
    all.join(", ")
}

impl Label {
    /// Makes it end at its point.
    pub(crate) fn end(mut self) -> Self {
        self.anchor = Anchor::End;
        self
    }

    /// Makes its point its middle.
    pub(crate) fn middle(mut self) -> Self {
        self.anchor = Anchor::Middle;
        self
    }

    /// Its class, the anchor's included.
    pub(crate) fn class(&self) -> String {
        let class = self.style.measures().0;
        match self.anchor {
            Anchor::Start => class.to_owned(),
            Anchor::Middle => format!("{class} m"),
            Anchor::End => format!("{class} e"),
        }
    }

    /// The room it takes.
    pub(crate) fn rect(&self) -> Rect {
        let (_, size, _) = self.style.measures();
        let w = self.style.width(&self.text);
        let x = match self.anchor {
            Anchor::Start => self.x,
            Anchor::Middle => self.x - w / 2.0,
            Anchor::End => self.x - w,
        };
        rect(x, self.y - size * 0.8, w, size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_begin_with_what_is_seen_and_repeat_nothing() {
        let labels = |texts: &[&str]| -> Vec<Label> {
            let labels = texts.iter().map(|t| label(0.0, 0.0, Style::Name, *t));
            labels.collect()
        };
        let spoken = "web, container, on net-a, 172.18.0.2/16, listens on :80";
        let seen = labels(&["web", "nginx", "", "172.18.0.2/16", "listens on :…"]);
        assert_eq!(
            named(&seen, spoken),
            "web, nginx, 172.18.0.2/16, listens on :80, container, on net-a"
        );
        assert_eq!(named(&labels(&["w…b", "nginx"]), spoken), spoken);
        assert_eq!(named(&labels(&["web"]), spoken), spoken);
        let hook = "PREROUTING, raw · nat";
        assert_eq!(named(&labels(&["PREROUTING", "raw · nat"]), hook), hook);
    }
}
