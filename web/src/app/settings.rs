//! What a person may set, kept in the browser's storage if it lets the page.

use yew::platform::spawn_local;

use super::{App, Dialog, Msg};
use crate::components::packets::Ink;
use crate::messages::language;
use crate::platform::{self, storage};
use crate::playback::SPEEDS;

/// The text sizes on offer, in percent; the style sheet knows them too.
pub(crate) const SIZES: [&str; 3] = ["100", "125", "150"];

/// The theme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Theme {
    #[default]
    System,
    Light,
    Dark,
}

/// How much moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Motion {
    #[default]
    System,
    Full,
    Reduced,
}

/// Everything that is set, but for the speed, which the player knows, and the language, which is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Settings {
    pub(crate) theme: Theme,
    /// One of [`SIZES`].
    pub(crate) size: &'static str,
    pub(crate) motion: Motion,
    /// Whether single letters are shortcuts.
    pub(crate) letters: bool,
    /// Whether terminals are laid out for screen readers.
    pub(crate) reading: bool,
}

/// A change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Setting {
    /// The system has other wishes than before.
    System,
    Theme(Theme),
    Size(&'static str),
    Motion(Motion),
    Letters(bool),
    Reading(bool),
    Language(&'static str),
}

impl Theme {
    const fn word(self) -> Option<&'static str> {
        match self {
            Self::System => None,
            Self::Light => Some("light"),
            Self::Dark => Some("dark"),
        }
    }
}

impl Motion {
    const fn word(self) -> Option<&'static str> {
        match self {
            Self::System => None,
            Self::Full => Some("full"),
            Self::Reduced => Some("reduced"),
        }
    }
}

/// The speed that was chosen last, by its place among those on offer.
pub(super) fn speed() -> usize {
    let kept = storage::read(storage::SPEED).ok().flatten();
    let usual = SPEEDS.iter().position(|s| *s == 1.0).unwrap_or(0);
    kept.and_then(|s| s.parse().ok()).unwrap_or(usual)
}

impl Settings {
    /// What was kept, as far as it makes sense, put on the document.
    pub(super) fn read() -> Self {
        let kept = |key: &str| storage::read(key).ok().flatten().unwrap_or_default();
        let size = kept(storage::SIZE);
        let settings = Self {
            theme: match kept(storage::THEME).as_str() {
                "light" => Theme::Light,
                "dark" => Theme::Dark,
                _ => Theme::System,
            },
            size: SIZES.into_iter().find(|s| *s == size).unwrap_or("100"),
            motion: match kept(storage::MOTION).as_str() {
                "full" => Motion::Full,
                "reduced" => Motion::Reduced,
                _ => Motion::System,
            },
            letters: kept(storage::LETTERS) != "off",
            reading: kept(storage::READING) == "on",
        };
        settings.wear();
        settings
    }

    /// Puts them on the document.
    fn wear(&self) {
        platform::set_root("data-theme", self.theme.word());
        platform::set_root("data-size", Some(self.size).filter(|s| *s != "100"));
        platform::set_root("data-motion", self.motion.word());
    }

    /// Whether nothing is to move.
    pub(super) fn still(&self) -> bool {
        match self.motion {
            Motion::System => platform::prefers_reduced_motion(),
            Motion::Full => false,
            Motion::Reduced => true,
        }
    }
}

impl App {
    /// Changes a setting, for now and for the next visits.
    pub(super) fn set(&mut self, setting: Setting) {
        match setting {
            Setting::Theme(theme) => {
                self.settings.theme = theme;
                storage::keep(storage::THEME, theme.word());
            }
            Setting::Size(size) => {
                self.settings.size = size;
                storage::keep(storage::SIZE, Some(size).filter(|s| *s != "100"));
            }
            Setting::Motion(motion) => {
                self.settings.motion = motion;
                storage::keep(storage::MOTION, motion.word());
                self.settle_motion();
            }
            Setting::System => self.settle_motion(),
            Setting::Letters(on) => {
                self.settings.letters = on;
                storage::keep(storage::LETTERS, (!on).then_some("off"));
            }
            Setting::Reading(on) => {
                self.settings.reading = on;
                storage::keep(storage::READING, on.then_some("on"));
            }
            Setting::Language(code) => {
                storage::keep(storage::LANGUAGE, Some(code));
                let link = self.link.clone();
                spawn_local(async move {
                    let spoken = language::speak(code).await;
                    link.send_message(Msg::Spoken(spoken));
                });
            }
        }
        self.settings.wear();
        self.ink = Ink::read();
        self.painted = true;
    }

    fn settle_motion(&mut self) {
        let still = self.settings.still();
        if still != self.still {
            self.still = still;
            self.player.playing &= !still;
            self.moved();
        }
    }

    /// Opens a dialog, or closes the one that is open and gives focus back to what opened it.
    pub(super) fn open_dialog(&mut self, dialog: Option<Dialog>) {
        if let (None, Some(closed)) = (dialog, self.dialog) {
            self.focus(closed.opener());
        }
        self.dialog = dialog;
    }

    /// Whether a key is a letter, digit or sign alone, and such keys are switched off.
    pub(super) fn mute(&self, key: &str) -> bool {
        !self.settings.letters && key != " " && key.chars().count() == 1
    }
}
