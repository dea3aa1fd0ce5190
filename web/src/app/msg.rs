//! What somebody can want of the page, and what it can show.

use lab::Late;
use lab::view::Protocol;
use yew::prelude::*;

use super::desk::Wish;
use super::editing::Editing;
use super::menus::{Choice, MenuKind};
use super::settings::Setting;
use crate::api;
use crate::layout::Level;
use crate::messages::{self, Words};

/// What somebody wants.
pub(crate) enum Msg {
    /// What comes late is there.
    Rest(&'static Late),
    /// A new frame, at so many milliseconds.
    Frame(f64),
    /// The page's frame has been drawn.
    Wake,
    /// Type a command on a machine and run it.
    Run {
        machine: String,
        command: String,
    },
    /// Ask what would happen to a packet of a kind, by a command that sends one.
    Ask {
        machine: String,
        command: String,
        kind: Protocol,
    },
    /// Type commands one after the other.
    RunAll {
        machine: String,
        commands: Vec<String>,
    },
    Interrupt(u32),
    Eof(u32),
    LeaveTerminal,
    Terminal(u32),
    Maximise,
    /// Something about the terminals.
    Desk(Wish),
    Undo,
    Redo,
    Reset,
    /// Change a setting.
    Set(Setting),
    /// Lay the terminals out for screen readers, or as terminals.
    ToggleReading,
    /// The texts of a language are there, or not.
    Spoken(bool),
    /// Open a dialog, or close it.
    Dialog(Option<Dialog>),
    /// Begin anew, at one of the starts.
    Begin(usize),
    /// Go to a stop of the tour, or leave it.
    Tour(Option<usize>),
    /// Copy a text.
    Copy(String),
    Filter(Option<String>),
    /// Show the networks that a swarm made for itself, or hide them.
    Backstage,
    Search(String),
    /// To the next container that is found.
    SearchNext,
    EndSearch,
    Level(Option<Level>),
    Zoom(f64),
    Wheel {
        x: f64,
        y: f64,
        by: f64,
    },
    Pan(f64, f64),
    Fit,
    /// Look at a point of the stage.
    Center(f64, f64),
    Select(Option<String>),
    /// See a container from inside, or the stage again.
    Inside(Option<String>),
    StageKey(KeyboardEvent),
    PageKey(KeyboardEvent),
    DragStart(String),
    DragMove {
        x: f64,
        y: f64,
        shift: bool,
    },
    /// Let go at a point of the window.
    Drop(f64, f64),
    DragCancel,
    Menu(Option<(MenuKind, String)>),
    /// What can be done with the thing at a point of the window.
    MenuAt {
        id: Option<String>,
        x: f64,
        y: f64,
    },
    Choose(Choice),
    /// The lab as files, offered at a point of the window.
    ExportMenu(f64, f64),
    /// What narrow screens have no buttons for, at a point of the window.
    More(f64, f64),
    /// Show or hide the list of images.
    Images(bool),
    /// Ask what the next network is to be called.
    NewNetwork,
    /// Make no network after all.
    EndDraft,
    TogglePlay,
    /// Show only the conversation of the packet being watched, or all of them again.
    Follow,
    /// Skip silences, or let them last.
    Idle,
    Replay,
    StepForward,
    StepBack,
    /// To the next packet, or back to where this one began.
    StepPacket(bool),
    Loop,
    Heat,
    ToHop(usize, usize),
    /// Watch a packet of an earlier command: the input and the journey.
    Watch(u64, String),
    ToEnd,
    Scrub(f64),
    Speed(usize),
    Tab(Tab),
    /// Something in the editor.
    Edit(Editing),
    Widen,
    Pane(Pane),
    CloseToast(u64),
    UndoToast(u64),
    /// A program asks for something.
    Api(api::Request),
}

impl Msg {
    /// Whether it may make the machines do something, for which all of the program has to be there. A text that is typed
    /// into a file is only kept.
    pub(super) const fn acts(&self) -> bool {
        matches!(
            self,
            Self::Run { .. }
                | Self::Ask { .. }
                | Self::RunAll { .. }
                | Self::Interrupt(_)
                | Self::Eof(_)
                | Self::Desk(_)
                | Self::Begin(_)
                | Self::Drop(..)
                | Self::Choose(_)
                | Self::UndoToast(_)
                | Self::Api(_)
        ) || matches!(self, Self::Edit(wish) if !matches!(wish, Editing::Text(_)))
    }
}

/// The side panel's tabs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Tab {
    #[default]
    Journey,
    Inspector,
    Rules,
    Events,
    Editor,
}

impl Dialog {
    /// The button that opens it.
    pub(crate) const fn opener(self) -> &'static str {
        match self {
            Self::Keys => "[data-dialog=keys]",
            Self::Settings => "[data-dialog=settings]",
            Self::Starts => "[data-dialog=starts]",
        }
    }
}

impl Tab {
    /// All tabs in the order in which they stand, each with its name and the id of its button.
    pub(crate) const ALL: [(Self, Words, &'static str); 5] = [
        (Self::Journey, messages::tab_journey, "tab-journey"),
        (Self::Inspector, messages::tab_inspector, "tab-inspector"),
        (Self::Rules, messages::tab_rules, "tab-rules"),
        (Self::Events, messages::tab_packets, "tab-events"),
        (Self::Editor, messages::tab_editor, "tab-editor"),
    ];
}

/// What a narrow screen shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Pane {
    #[default]
    Stage,
    Terminal,
    Journey,
}

/// What is open above everything else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialog {
    Keys,
    Settings,
    Starts,
}
