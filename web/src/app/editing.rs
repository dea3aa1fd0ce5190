//! The file that is open in the editor: what is typed, what is saved, and the commands that are typed for it.

use lab::view::MachineKind;

use super::{App, Msg, Tab};
use crate::components::editor::{EXAMPLES, Sheet};
use crate::messages;

/// What somebody wants in the editor.
#[derive(Debug, Clone)]
pub(crate) enum Editing {
    /// This is the text now.
    Text(String),
    /// Put it into the file.
    Save,
    /// Another file.
    Open(String),
    /// A new file of this name.
    New(String),
    /// Another machine.
    Machine(String),
    /// Begin with an example.
    Example(usize),
    /// Type `docker compose up`.
    Up,
    /// Type `docker compose down`.
    Down,
    /// Run the script.
    Run,
    /// A file was dropped onto the page: its name and its text.
    Dropped(String, String),
}

/// What is open first.
const FIRST: &str = "/root/compose.yaml";

/// What is open, and what it was when it was last in its file.
#[derive(Debug, Clone, Default)]
pub(super) struct Draft {
    machine: String,
    path: String,
    text: String,
    saved: String,
}

impl App {
    pub(super) fn edit(&mut self, wish: Editing) {
        // What is typed before a file was open is not lost when it is.
        self.choose_file();
        match wish {
            Editing::Text(text) => self.edited.text = text,
            Editing::Save => self.save_file(),
            Editing::Open(path) => {
                self.save_file();
                self.open_file(path);
            }
            Editing::New(name) => {
                // A name, perhaps in a folder, and no way up.
                let fits = |c: char| c.is_ascii_alphanumeric() || "._-/".contains(c);
                let name = name.trim();
                if !name.is_empty()
                    && name.chars().all(fits)
                    && !name.contains("..")
                    && !name.starts_with('/')
                {
                    self.save_file();
                    self.open_file(format!("/root/{name}"));
                    self.focus("[data-editor-input]");
                } else if !name.is_empty() {
                    self.toast(messages::editor_bad_name().to_owned(), false, true);
                }
            }
            Editing::Machine(name) => {
                self.save_file();
                self.edited = Draft {
                    machine: name,
                    ..Draft::default()
                };
                self.open_file(FIRST.to_owned());
            }
            Editing::Example(number) => {
                if let Some((_, text)) = EXAMPLES.get(number) {
                    self.load_text(FIRST.to_owned(), (*text).to_owned());
                }
            }
            Editing::Up => self.type_for(|sheet| sheet.checked.up.clone()),
            Editing::Down => self.type_for(|sheet| sheet.checked.down.clone()),
            Editing::Run => self.type_for(|sheet| sheet.checked.run.clone()),
            Editing::Dropped(name, text) => {
                let kind = name.rsplit('.').next().unwrap_or_default();
                let path = match kind {
                    // A Compose file of any name becomes the one that is found by itself.
                    "yaml" | "yml" if name.contains("override") => format!("/root/{name}"),
                    "yaml" | "yml" => FIRST.to_owned(),
                    // What else is text may be mounted by one.
                    "sh" | "env" | "conf" | "cnf" | "ini" | "toml" | "json" | "txt" | "html"
                    | "sql" => {
                        format!("/root/{name}")
                    }
                    _ => {
                        self.toast(messages::editor_not_loaded(&name), false, true);
                        return;
                    }
                };
                self.load_text(path, text.replace('\r', ""));
            }
        }
        self.look_at_file();
    }

    /// Puts a text into a file and opens it.
    fn load_text(&mut self, path: String, text: String) {
        self.save_file();
        self.open_file(path);
        self.edited.text = text;
        self.save_file();
        self.tab = Tab::Editor;
        self.show_side();
    }

    fn open_file(&mut self, path: String) {
        let text = self
            .owner
            .borrow()
            .file(&self.edited.machine, &path)
            .unwrap_or_default();
        self.edited.saved.clone_from(&text);
        self.edited.text = text;
        self.edited.path = path;
    }

    fn save_file(&mut self) {
        if self.edited.text == self.edited.saved || self.edited.path.is_empty() {
            return;
        }
        let Draft {
            machine,
            path,
            text,
            ..
        } = &self.edited;
        self.owner.borrow_mut().write_file(machine, path, text);
        self.edited.saved = self.edited.text.clone();
        self.after_input();
        self.views.can_undo = true;
        self.views.can_redo = false;
    }

    /// Saves the file and types a line about it on its machine.
    fn type_for(&mut self, line: impl Fn(&Sheet) -> String) {
        self.save_file();
        self.look_at_file();
        let line = line(&self.sheet);
        if line.is_empty() {
            return;
        }
        let machine = self.edited.machine.clone();
        self.handle(Msg::Run {
            machine,
            command: line,
        });
    }

    /// Sees to it that a file is open, on a machine with an engine; returns all of those.
    fn choose_file(&mut self) -> Vec<String> {
        let docker = self
            .views
            .topology
            .machines
            .iter()
            .filter(|m| m.kind == MachineKind::Docker);
        let machines: Vec<String> = docker.map(|m| m.name.clone()).collect();
        if !machines.contains(&self.edited.machine) {
            self.edited.machine = machines.first().cloned().unwrap_or_default();
        }
        if self.edited.path.is_empty() {
            self.open_file(FIRST.to_owned());
        }
        machines
    }

    /// Looks at the file that is open, and at what there is to say about it. What changed on the machine is taken over
    /// unless something else was typed.
    pub(super) fn look_at_file(&mut self) {
        if self.tab != Tab::Editor {
            return;
        }
        let machines = self.choose_file();
        if self.edited.text == self.edited.saved {
            self.open_file(self.edited.path.clone());
        }
        let owner = self.owner.borrow();
        let Draft {
            machine,
            path,
            text,
            saved,
        } = &self.edited;
        let terminal = owner.terminal_of(machine);
        let sheet = Sheet {
            machine: machine.clone(),
            machines,
            path: path.clone(),
            files: owner.files(machine),
            text: text.clone().into(),
            unsaved: text != saved,
            checked: owner.check(machine, path, text),
            ready: self
                .views
                .terminals
                .iter()
                .any(|t| Some(t.id) == terminal && t.idle),
        };
        drop(owner);
        self.sheet.update(sheet);
    }
}
