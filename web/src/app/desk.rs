//! The terminals on the page: which are seen, and how much room they have.

/// The field of the terminal in front.
pub(super) const FRONT: &str = ".tpane.on [data-terminal-input]";
/// How low the dock can be made, in pixels.
pub(super) const LEAST_HEIGHT: f64 = 96.0;

/// What somebody wants of the terminals.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Wish {
    /// Lines were typed or pasted.
    Lines(u32, Vec<String>),
    /// A terminal on a machine, and lines to be typed there.
    Open(String, Vec<String>),
    /// This one is worked in.
    Front(u32),
    Close(u32),
    /// Two terminals beside each other, or one again.
    Split,
    /// How much of the width the first one has.
    Share(f64),
    /// The height, in pixels.
    Height(f64),
    /// What can be opened, at a point of the window.
    Add(f64, f64),
    /// What can be done with a terminal, at a point of the window.
    Menu(u32, f64, f64),
    Paste(u32),
    Pasted(u32, String),
    /// The pointer is over the output.
    Over(f64, f64),
    /// It has left it.
    Out,
    /// The output was clicked.
    Follow(f64, f64),
    /// To the name in the output before the one that is marked, or after it.
    Name(bool),
    /// Show what the marked name stands for.
    ShowName,
    /// The pointer or the focus is on a thing of the stage, or on none.
    OnStage(Option<String>),
}

/// Which terminals are seen, and how much room they have.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Desk {
    first: u32,
    second: Option<u32>,
    /// Whether the second is worked in.
    on_second: bool,
    /// How much of the width the first has.
    pub(crate) share: f64,
    /// The height, in pixels; `None` for the usual one.
    pub(crate) height: Option<f64>,
}

impl Default for Desk {
    fn default() -> Self {
        Self {
            first: 0,
            second: None,
            on_second: false,
            share: 0.5,
            height: None,
        }
    }
}

impl Desk {
    /// The terminal that is worked in.
    pub(crate) fn front(&self) -> u32 {
        self.second.filter(|_| self.on_second).unwrap_or(self.first)
    }

    /// The terminals that are seen.
    pub(crate) fn seen(&self) -> impl Iterator<Item = u32> + use<> {
        [Some(self.first), self.second].into_iter().flatten()
    }

    /// Brings a terminal to the front: where it is, else in the place of the one in front.
    pub(super) fn show(&mut self, id: u32) {
        if self.first == id {
            self.on_second = false;
        } else if self.second == Some(id) {
            self.on_second = true;
        } else if self.on_second {
            self.second = Some(id);
        } else {
            self.first = id;
        }
    }

    /// Two terminals, the other one being `other`; or one, that in front.
    pub(super) fn split(&mut self, other: Option<u32>) {
        match (self.second, other) {
            (Some(_), _) => *self = self.only(self.front()),
            (None, Some(other)) => (self.second, self.on_second) = (Some(other), true),
            (None, None) => {}
        }
    }

    fn only(&self, id: u32) -> Self {
        Self {
            first: id,
            second: None,
            on_second: false,
            ..self.clone()
        }
    }

    /// Forgets terminals that are not there any more.
    pub(super) fn keep(&mut self, there: &[u32]) {
        if self.second.is_some_and(|s| !there.contains(&s)) {
            *self = self.only(self.first);
        }
        if !there.contains(&self.first) {
            let next = self.second.or(there.first().copied());
            *self = self.only(next.unwrap_or(0));
        }
    }

    /// As text, for the browser's storage.
    pub(super) fn save(&self) -> String {
        let height = self.height.map(|h| format!("{h:.0}")).unwrap_or_default();
        let second = self.second.map(|s| s.to_string()).unwrap_or_default();
        format!("{height},{:.3},{},{second}", self.share, self.first)
    }

    /// From such a text; whatever is wrong in it is as usual.
    pub(super) fn load(text: &str) -> Self {
        let mut words = text.split(',');
        let mut word = || words.next().unwrap_or_default();
        let usual = Self::default();
        Self {
            height: word().parse().ok().filter(|h: &f64| *h >= LEAST_HEIGHT),
            share: share(word().parse().unwrap_or(usual.share)),
            first: word().parse().unwrap_or(0),
            second: word().parse().ok(),
            on_second: false,
        }
    }
}

pub(super) fn share(wanted: f64) -> f64 {
    if wanted.is_finite() {
        wanted.clamp(0.15, 0.85)
    } else {
        0.5
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_comes_to_the_front_where_it_is() {
        let mut desk = Desk::default();
        desk.show(1);
        desk.split(Some(2));
        assert_eq!((desk.front(), desk.seen().collect()), (2, vec![1, 2]));
        desk.show(1);
        assert_eq!(desk.front(), 1);
        desk.show(3);
        assert_eq!(desk.seen().collect::<Vec<_>>(), [3, 2]);
        desk.keep(&[2, 4]);
        assert_eq!((desk.front(), desk.seen().count()), (2, 1));
        desk.keep(&[]);
        assert_eq!(desk.front(), 0);
    }

    #[test]
    fn one_terminal_again_is_the_one_in_front() {
        let mut desk = Desk::default();
        desk.show(1);
        desk.split(Some(2));
        desk.split(None);
        assert_eq!(desk.seen().collect::<Vec<_>>(), [2]);
    }

    #[test]
    fn it_is_kept_and_nonsense_is_as_usual() {
        let desk = Desk {
            first: 3,
            second: Some(4),
            on_second: false,
            share: 0.25,
            height: Some(300.0),
        };
        assert_eq!(Desk::load(&desk.save()), desk);
        assert_eq!(Desk::load(""), Desk::default());
        assert_eq!(Desk::load("NaN,NaN,x,,,").share, 0.5);
        assert_eq!(Desk::load("-5,7,1,").height, None);
    }
}
