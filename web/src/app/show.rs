//! The page's frame: which part stands where.

use lab::view::Tone;
use yew::prelude::*;

use super::{App, Dialog, Drag, Msg, Pane, Tab, Waking};
use crate::components::dialog::Help;
use crate::components::dns::Lookups;
use crate::components::dock::Dock;
use crate::components::draft::Draft;
use crate::components::editor::Editor;
use crate::components::events::Events;
use crate::components::explain::Explain;
use crate::components::icons::{Icon, icon, logo};
use crate::components::inside::Inside;
use crate::components::inspector::Inspector;
use crate::components::journey::JourneyPanel;
use crate::components::menu::Menu;
use crate::components::networks::Networks;
use crate::components::rules::{Rules, Way};
use crate::components::settings::SettingsDialog;
use crate::components::side::Side;
use crate::components::stage::Stage;
use crate::components::starts::Starts;
use crate::components::toast::Toasts;
use crate::components::topbar::TopBar;
use crate::components::tour::Tour;
use crate::components::transport::Transport;
use crate::components::{Act, say};
use crate::messages::{self, language, said::plainly};
use crate::shared::Shared;

impl App {
    /// Draws the page.
    pub(super) fn show(&self) -> Html {
        let act = self.act.clone();
        let class = format!(
            "app pane-{}{}{}{}{}{}",
            match self.pane {
                Pane::Stage => "stage",
                Pane::Terminal => "terminal",
                Pane::Journey => "journey",
            },
            match self.tab {
                _ if self.wide => " wide",
                Tab::Rules => " wide",
                Tab::Editor => " editing",
                _ => "",
            },
            if self.maximised { " maxi" } else { "" },
            if self.still { " still" } else { "" },
            if self.notice.is_some() { " noted" } else { "" },
            match self.tour {
                Some(stop) => format!(" at-stop-{stop}"),
                None => String::new(),
            },
        );
        let (framed, staged) = (self.waking >= Waking::Framed, self.waking >= Waking::Up);
        html! {
            <div {class} key={language::spoken()}>
                <a class="skip" href="#terminal-region">{ messages::skip() }</a>
                <button type="button" class="skip" aria-keyshortcuts="Shift+Alt+F1" aria-pressed={self.settings.reading.to_string()}
                    onclick={act.reform(|_: MouseEvent| Msg::ToggleReading)}>{ messages::reading() }</button>
                <div class="part">
                    if framed {
                        <TopBar can_undo={self.views.can_undo} can_redo={self.views.can_redo} start={self.start}
                            notice={self.notice.clone()} act={act.clone()} />
                    } else {
                        <header class="top"><div class="brand">{ logo() }<h1>{ messages::name() }</h1></div></header>
                    }
                </div>
                <div>if let Some(stop) = self.tour.filter(|_| framed) { <Tour {stop} act={act.clone()} /> }</div>
                <main class={if self.room.is_some() { "stagewrap within" } else { "stagewrap" }} aria-label={messages::region_stage()} data-region="stage">
                    <div class="part">if staged { { self.stage_region(&act) } } else { { frame_of_stage() } }</div>
                </main>
                <div class="toastwrap"><Toasts toasts={self.toasts.clone()} act={act.clone()} /></div>
                <section class="card" aria-label={messages::region_hop()}>{ self.hop_card() }</section>
                <div class="dockwrap" id="terminal-region">
                    if self.waking > Waking::Begun {
                        <Dock terminals={self.shown_terminals.clone()} roles={self.roles()} desk={self.desk.clone()} pasted={self.pasted.clone()} fresh={self.fresh.clone()}
                            note={self.note()} ghost={self.ghost()} maximised={self.maximised} reading={self.settings.reading} letters={self.settings.letters} complete={self.complete.clone()} act={act.clone()} />
                    } else {
                        <div class="dock"><div class="tabs"></div><div class="termbox"></div></div>
                    }
                </div>
                <div class="sidewrap">
                    if framed { <Side tab={self.tab} wide={self.wide} act={act.clone()}>{ self.panel(&act) }</Side> } else { <div class="panel side"><div class="ph"></div></div> }
                </div>
                <nav class="nav" aria-label={messages::region_views()}>{ self.nav(&act) }</nav>
                <div>{ self.dialog(&act) }</div>
                <div>if let Some(action) = self.draft.clone() { <Draft {action} act={act.clone()} /> }</div>
                <div><Menu menu={self.menu.clone()} act={act.clone()} /></div>
            </div>
        }
    }

    /// What stands within the stage's region.
    fn stage_region(&self, act: &Act) -> Html {
        let text = |s: &Option<String>| s.clone().map(AttrValue::from);
        let (caption, alert) = self.spoken();
        html! {
            <>
                <Networks topology={self.stage.clone()} filter={text(&self.filter)} backstage={self.backstage} search={self.search.clone()} images={self.images.is_some()} heat={self.heat.is_some()} level={self.scene.level}
                    chosen={self.level} act={act.clone()} />
                <Stage scene={self.preview.as_ref().unwrap_or(&self.scene).clone()} filter={text(&self.filter)} search={self.search.clone()}
                    selected={text(&self.selected)} walking={self.tab_stop()} lit={self.lit.clone()} heat={self.heat.clone()}
                    trail={if self.drag.is_some() { Shared::default() } else { self.trail.clone() }} drag={self.drag.clone()} {caption} {alert} world={self.refs.world.clone()}
                    canvas={self.refs.canvas.clone()} port={self.refs.port.clone()} chip={self.refs.chip.clone()}
                    images={self.images.clone()} minimap={(self.refs.minimap.clone(), self.refs.view.clone())} act={act.clone()} />
                <div class="insidewrap">if self.room.is_some() { <Inside details={self.room.clone()} topology={self.views.topology.clone()} act={act.clone()} /> }</div>
                <div class="belowstage" onkeydown={act.reform(Msg::StageKey)}>
                    <Transport film={self.film.clone()} journeys={self.views.journeys.clone()} step={self.step} over={self.player.at_end(&self.film)}
                        playing={self.player.playing} looping={self.player.looping} speed={self.player.speed_index()} idle={self.watch.idle} width={self.canvas_size.0} drag={self.drag.clone()}
                        fill={self.refs.fill.clone()} thumb={self.refs.thumb.clone()} act={act.clone()} />
                </div>
            </>
        }
    }

    fn panel(&self, act: &Act) -> Html {
        match self.tab {
            Tab::Journey => {
                let command = self.owner.borrow().watched_command();
                let command = command.map(|(m, c)| (AttrValue::from(m), AttrValue::from(c)));
                let ready = self
                    .views
                    .explanation
                    .as_ref()
                    .is_some_and(|e| e.at_ns <= self.shown);
                let explained = ready && self.player.at_end(&self.film);
                let explanation = if ready {
                    self.views.explanation.clone()
                } else {
                    Shared::default()
                };
                html! {
                    <JourneyPanel journeys={self.views.journeys.clone()} at={self.at()} {command} playing={self.player.playing} {explained} alone={self.watch.only.is_some()} packet={self.packet.clone()} act={act.clone()}>
                        <div class="below">
                            <Explain {explanation} act={act.clone()} />
                            <Lookups lookups={self.views.dns.clone()} topology={self.views.topology.clone()} shown={self.shown} />
                        </div>
                    </JourneyPanel>
                }
            }
            Tab::Inspector => html! {
                <Inspector details={self.details.clone()} topology={self.views.topology.clone()} coming={self.drag.as_ref().and_then(Drag::coming)} act={act.clone()} />
            },
            Tab::Rules => {
                let way = self.at().and_then(|(p, h)| {
                    let journey = self.views.journeys.get(p)?;
                    Some(Way::new(journey, h, &self.rules.machine))
                });
                html! { <Rules rules={self.rules.clone()} way={way.unwrap_or_default()} chain={self.chosen_chain()} topology={self.views.topology.clone()} act={act.clone()} /> }
            }
            Tab::Editor => html! {
                <Editor sheet={self.sheet.clone()} complete={self.complete_file.clone()} act={act.clone()} />
            },
            Tab::Events => {
                let watched = self
                    .at()
                    .and_then(|(p, _)| self.views.journeys.get(p))
                    .map(|j| AttrValue::from(j.id.clone()));
                html! { <Events flights={self.flights.clone()} {watched} act={act.clone()} /> }
            }
        }
    }

    fn dialog(&self, act: &Act) -> Html {
        let act = act.clone();
        match self.dialog {
            None => html! {},
            Some(Dialog::Keys) => html! { <Help {act} /> },
            Some(Dialog::Settings) => {
                html! { <SettingsDialog settings={self.settings} speed={self.player.speed_index()} {act} /> }
            }
            Some(Dialog::Starts) => html! { <Starts {act} /> },
        }
    }

    fn nav(&self, act: &Act) -> Html {
        let items = [
            (Pane::Stage, messages::pane_stage(), Icon::Network),
            (Pane::Terminal, messages::pane_terminal(), Icon::Terminal),
            (Pane::Journey, messages::pane_journey(), Icon::List),
        ];
        let items = items.into_iter().map(|(pane, name, which)| {
            let on = self.pane == pane;
            html! {
                <button type="button" key={name} class={if on { "on" } else { "" }} aria-pressed={on.to_string()}
                    onclick={act.reform(move |_: MouseEvent| Msg::Pane(pane))}>{ icon(which) }{ name }</button>
            }
        });
        html! { <div>{ for items }</div> }
    }

    /// The current hop as a card, which narrow screens show below the stage.
    fn hop_card(&self) -> Html {
        let hop = self
            .at()
            .and_then(|(p, h)| Some((self.views.journeys.get(p)?.hops.get(h)?, h)));
        let Some((hop, number)) = hop else {
            return html! { <div class="sheetcard empty"></div> };
        };
        let bad = if hop.verdict.tone == Tone::Bad {
            "bigno bad"
        } else {
            "bigno"
        };
        html! {
            <div class="sheetcard">
                <span class={bad}>{ number + 1 }</span>
                <div><h2>{ &hop.namespace }{ " " }{ say(&hop.title) }</h2><p>{ say(if hop.reason.is_empty() { &hop.detail } else { &hop.reason }) }</p></div>
            </div>
        }
    }

    /// What screen readers are told: politely each hop, at once a drop.
    fn spoken(&self) -> (AttrValue, AttrValue) {
        let Some((packet, hop)) = self.at() else {
            return Default::default();
        };
        let Some(journey) = self.views.journeys.get(packet) else {
            return Default::default();
        };
        let Some(h) = journey.hops.get(hop) else {
            return Default::default();
        };
        let words = messages::hop_spoken(
            &(hop + 1),
            &journey.hops.len(),
            &h.namespace,
            &plainly(&h.title),
            &plainly(&h.detail),
        );
        if h.verdict.tone == Tone::Bad {
            (
                AttrValue::default(),
                format!("{words} {}", plainly(&h.reason)).into(),
            )
        } else if self.player.playing && self.player.speed() > 1.0 {
            Default::default()
        } else {
            (words.into(), AttrValue::default())
        }
    }

    /// What the terminal says while the film is on its way.
    fn note(&self) -> Option<(u32, bool, AttrValue)> {
        if self.film.steps.is_empty() || self.player.at_end(&self.film) {
            return None;
        }
        let (packet, hop) = self.at().unwrap_or_default();
        let of = self.views.journeys.get(packet).map_or(0, |j| j.hops.len());
        let playing = self.player.playing;
        let terminal = self.owner.borrow().watched_terminal();
        let terminal = terminal.unwrap_or_else(|| self.desk.front());
        Some((terminal, playing, at_hop(playing, hop + 1, of).into()))
    }

    fn ghost(&self) -> Option<(AttrValue, AttrValue)> {
        let drag = self.drag.as_ref()?;
        let commands = drag.commands();
        (!commands.is_empty()).then(|| (drag.machine().into(), commands.join(" ; ").into()))
    }
}

/// What stands in the place of the stage before there is one, as in `index.html`: nothing moves when it comes.
fn frame_of_stage() -> Html {
    html! { <><div class="shead"></div><div class="canvas"></div><div class="belowstage"></div></> }
}

/// Where playback is.
fn at_hop(playing: bool, hop: usize, of: usize) -> String {
    if playing {
        messages::playing_at(&hop, &of)
    } else {
        messages::paused_at(&hop, &of)
    }
}
