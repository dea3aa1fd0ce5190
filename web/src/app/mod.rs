//! The page as a whole: one component owns the lab and the position in time, the others get views and send wishes.

mod deeds;
mod desk;
mod drag;
mod dragging;
mod editing;
mod film;
mod frame;
mod items;
mod keys;
mod look;
mod menus;
mod msg;
mod notices;
mod opening;
mod pointing;
mod settings;
mod show;
mod stage;
mod starts;
mod terminals;
mod work;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use lab::{Late, view};
use yew::prelude::*;

pub(crate) use deeds::Deed;
pub(crate) use desk::{Desk, Wish};
pub(crate) use drag::{Drag, Load};
pub(crate) use dragging::PREVIEW;
pub(crate) use editing::Editing;
pub(crate) use menus::{Choice, MenuKind, MenuView};
pub(crate) use msg::{Dialog, Msg, Pane, Tab};
pub(crate) use notices::Toast;
pub(crate) use settings::{Motion, SIZES, Setting, Settings, Theme};
pub(crate) use starts::STOPS;

use crate::api::{self, Reply};
use crate::components::Act;
use crate::components::editor::{FileCompleter, Sheet};
use crate::components::journey::Opener;
use crate::components::packets::{Camera, Ink};
use crate::components::stage::{Heat, Lit};
use crate::components::terminal::Completer;
use crate::components::trail;
use crate::layout::legs::Legs;
use crate::layout::{Level, Memory, Scene};
use crate::owner::{Owner, Views};
use crate::platform;
use crate::playback::{Film, Player, Watch};
use crate::shared::Shared;

/// Parts of the page that are moved without Yew.
#[derive(Default, Clone)]
struct Refs {
    world: NodeRef,
    canvas: NodeRef,
    port: NodeRef,
    chip: NodeRef,
    fill: NodeRef,
    thumb: NodeRef,
    minimap: NodeRef,
    view: NodeRef,
}

/// A line typed by a program, whose answer is awaited.
struct Awaited {
    input: u64,
    reply: Reply,
}

/// What is there of the page. First comes the terminal alone, since whoever waits wants to type; once it has been seen, the
/// rest is looked up and drawn, of which the browser has half of the program to compile. Each step is the work of a frame, so
/// that what is typed meanwhile is heard between two of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
enum Waking {
    /// The page's frame is being drawn.
    #[default]
    Begun,
    /// The terminal is being drawn.
    Prompt,
    /// A frame with the terminal has been asked for.
    Seen,
    /// What the lab shows has been looked up.
    Told,
    /// What stands around the stage is there.
    Framed,
    /// The stage has been laid out.
    LaidOut,
    /// The stage is being drawn.
    Up,
    Awake,
}

/// The lab that the page begins with, until the page takes it.
#[derive(Clone, Properties)]
pub(crate) struct Opened {
    opened: Rc<Cell<Option<opening::Opening>>>,
}

impl Opened {
    /// Opens the saved lab, or a new one.
    pub(crate) async fn now() -> Self {
        Self {
            opened: Rc::new(Cell::new(Some(opening::open().await))),
        }
    }
}

impl PartialEq for Opened {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.opened, &other.opened)
    }
}

/// The page.
pub(crate) struct App {
    owner: Rc<RefCell<Owner>>,
    /// What does what comes late, once it is there.
    late: Option<&'static Late>,
    /// What somebody wanted before that.
    put_off: Vec<Msg>,
    views: Views,
    memory: Memory,
    /// What stood on the stage at the moment that playback shows.
    stage: Shared<view::Topology>,
    scene: Shared<Scene>,
    /// What the newest stage looks like; the camera and the level of detail follow it, not the past.
    newest: Shared<Scene>,
    level: Option<Level>,
    canvas_size: (f64, f64),
    camera: Camera,
    /// Where the camera is on its way to.
    glide: Option<Camera>,
    sharp: stage::Sharp,
    /// Whether the camera follows the scene, until the user moves it.
    fitted: bool,
    film: Shared<Film>,
    /// What somebody wants to see of the film.
    watch: Watch,
    legs: Legs,
    player: Player,
    /// The step drawn last.
    step: Option<usize>,
    lit: Shared<Lit>,
    trail: Shared<Option<trail::View>>,
    /// Virtual time up to which output was shown last.
    shown: u64,
    painted: bool,
    waking: Waking,
    last_frame: f64,
    last_refresh: f64,
    /// How long the last look at everything took, in milliseconds.
    look_cost: f64,
    /// Whether the simulation has more to do.
    pumping: bool,
    /// Virtual nanoseconds that are simulated at a time: as many as a frame has room for.
    slice: u64,
    /// Whether the canvas may have another size.
    resized: Rc<Cell<bool>>,
    awaited: Vec<Awaited>,
    save_at: Option<f64>,
    saved_ok: bool,
    selected: Option<String>,
    /// How often something was chosen.
    choices: u32,
    /// The container that is seen from inside.
    inside: Option<String>,
    room: Shared<Option<view::Details>>,
    walking: Option<String>,
    filter: Option<String>,
    /// Whether the networks are drawn that a swarm made for itself: once a packet passed them, or when asked for.
    backstage: bool,
    search: String,
    /// How often packets were at each place, while that is shown.
    heat: Shared<Option<Heat>>,
    details: Shared<Option<view::Details>>,
    rules: Shared<view::Ruleset>,
    flights: Shared<Vec<view::Flight>>,
    edited: editing::Draft,
    sheet: Shared<Sheet>,
    drag: Shared<Option<Drag>>,
    /// What the container in the air would look like where it is held.
    preview: Option<Shared<Scene>>,
    /// The network that a name is being asked for.
    draft: Option<view::Action>,
    menu: Shared<Option<MenuView>>,
    /// Where focus goes once the page has been drawn.
    focus: Option<AttrValue>,
    /// The part of the page that had focus before it was drawn.
    region: Cell<Option<&'static str>>,
    /// The images on offer, while their list is open.
    images: Option<Shared<Vec<view::ImageOffer>>>,
    desk: Desk,
    /// What the terminals show at the moment of playback.
    shown_terminals: Shared<Vec<Rc<view::Terminal>>>,
    words: pointing::Words,
    pasted: terminals::Pasted,
    fresh: Vec<u32>,
    maximised: bool,
    tab: Tab,
    wide: bool,
    pane: Pane,
    dialog: Option<Dialog>,
    settings: Settings,
    /// Where the lab began, among the starts.
    start: Option<usize>,
    /// The stop of the tour.
    tour: Option<usize>,
    link: yew::html::Scope<Self>,
    ink: Ink,
    still: bool,
    toasts: Vec<Toast>,
    next_toast: u64,
    notice: Option<AttrValue>,
    complete: Completer,
    complete_file: FileCompleter,
    packet: Opener,
    refs: Refs,
    act: Act,
}

impl Component for App {
    type Message = Msg;
    type Properties = Opened;

    fn create(ctx: &Context<Self>) -> Self {
        let opening = ctx.props().opened.take();
        let opening::Opening {
            owner,
            late,
            troubles,
        } = opening.unwrap_or_else(|| opening::fresh(opening::Troubles::default()));
        if late.is_none() {
            opening::load_rest(ctx.link().clone());
        }
        let owner = Rc::new(RefCell::new(owner));
        let complete = {
            let owner = Rc::clone(&owner);
            Completer(Rc::new(move |terminal, line, cursor| {
                owner.borrow().complete(terminal, line, cursor)
            }))
        };
        let complete_file = {
            let owner = Rc::clone(&owner);
            FileCompleter(Rc::new(move |machine, path, text, place| {
                owner.borrow().complete_file(machine, path, text, place)
            }))
        };
        let packet = {
            let owner = Rc::clone(&owner);
            Opener::from(move |(journey, hop): (AttrValue, usize)| {
                owner.borrow().packet(&journey, hop)
            })
        };
        let settings = Settings::read();
        let link = ctx.link().clone();
        platform::every_frame(move |at| link.send_message(Msg::Frame(at)));
        let link = ctx.link().clone();
        keys::listen(move |e| link.send_message(Msg::PageKey(e)));
        let link = ctx.link().clone();
        platform::on_dropped_file(move |name, text| {
            link.send_message(Msg::Edit(Editing::Dropped(name, text)));
        });
        let link = ctx.link().clone();
        api::install(move |request| link.send_message(Msg::Api(request)));
        let views = owner.borrow().views.clone();
        let link = ctx.link().clone();
        pointing::listen(move |place| link.send_message(Msg::Desk(Wish::OnStage(place))));
        let kept = platform::storage::read(platform::storage::DESK)
            .ok()
            .flatten();
        let mut app = Self {
            owner,
            late,
            put_off: Vec::new(),
            views,
            memory: Memory::default(),
            stage: Shared::default(),
            scene: Shared::default(),
            newest: Shared::default(),
            level: None,
            canvas_size: (0.0, 0.0),
            camera: Camera::default(),
            glide: None,
            sharp: stage::Sharp::default(),
            fitted: true,
            film: Shared::default(),
            watch: Watch::default(),
            legs: Legs::default(),
            player: Player::default(),
            step: None,
            lit: Shared::default(),
            trail: Shared::default(),
            shown: u64::MAX,
            painted: false,
            waking: Waking::default(),
            last_frame: 0.0,
            last_refresh: 0.0,
            look_cost: 0.0,
            pumping: false,
            slice: frame::FIRST_SLICE,
            resized: Rc::new(Cell::new(true)),
            awaited: Vec::new(),
            save_at: None,
            saved_ok: true,
            selected: None,
            choices: 0,
            inside: None,
            room: Shared::default(),
            walking: None,
            filter: None,
            backstage: false,
            search: String::new(),
            heat: Shared::default(),
            details: Shared::default(),
            rules: Shared::default(),
            flights: Shared::default(),
            edited: editing::Draft::default(),
            sheet: Shared::default(),
            drag: Shared::default(),
            preview: None,
            draft: None,
            menu: Shared::default(),
            focus: None,
            region: Cell::default(),
            images: None,
            desk: Desk::load(&kept.unwrap_or_default()),
            shown_terminals: Shared::default(),
            words: pointing::Words::default(),
            pasted: terminals::Pasted::default(),
            fresh: Vec::new(),
            maximised: false,
            tab: Tab::Journey,
            wide: false,
            pane: Pane::Stage,
            dialog: None,
            still: settings.still(),
            settings,
            start: starts::remembered(),
            tour: starts::first_visit().then_some(0),
            link: ctx.link().clone(),
            ink: Ink::default(),
            toasts: Vec::new(),
            next_toast: 0,
            notice: troubles.notice,
            complete,
            complete_file,
            packet,
            refs: Refs::default(),
            act: ctx.link().callback(|m| m),
        };
        if let Some(text) = troubles.toast {
            app.toast(text, false, true);
        }
        app.player.set_speed(settings::speed());
        if app.tour.is_some() {
            app.tour(app.tour);
        }
        app.check_desk();
        app.place_desk();
        app.turn_terminals(u64::MAX);
        app
    }

    fn update(&mut self, ctx: &Context<Self>, msg: Msg) -> bool {
        let _ = ctx;
        if self.late.is_none() && msg.acts() {
            self.put_off.push(msg);
            return false;
        }
        self.handle(msg)
    }

    fn view(&self, _ctx: &Context<Self>) -> Html {
        self.region.set(keys::region());
        self.show()
    }

    fn rendered(&mut self, _ctx: &Context<Self>, first: bool) {
        if first {
            self.link.send_message(Msg::Wake);
        }
        if self.waking == Waking::Up {
            self.waking = Waking::Awake;
            self.ink = Ink::read();
            let resized = Rc::clone(&self.resized);
            platform::on_resize(self.refs.port.cast(), move || resized.set(true));
            let link = self.link.clone();
            platform::on_preference(move || {
                link.send_message(Msg::Set(Setting::System));
            });
        }
        self.settle_focus();
        self.aim();
        self.move_thumb();
        self.painted = true;
    }
}
