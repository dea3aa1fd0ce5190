//! The switches of `set` and `shopt`.

use super::state::Shell;

/// The options of bash's `set -o` by name, with their letters and whether a script has them on.
const OPTIONS: [(&str, char, bool); 27] = [
    ("allexport", 'a', false),
    ("braceexpand", 'B', true),
    ("emacs", ' ', false),
    ("errexit", 'e', false),
    ("errtrace", 'E', false),
    ("functrace", 'T', false),
    ("hashall", 'h', true),
    ("histexpand", 'H', false),
    ("history", ' ', false),
    ("ignoreeof", ' ', false),
    ("interactive-comments", ' ', true),
    ("keyword", 'k', false),
    ("monitor", 'm', false),
    ("noclobber", 'C', false),
    ("noexec", 'n', false),
    ("noglob", 'f', false),
    ("nolog", ' ', false),
    ("notify", 'b', false),
    ("nounset", 'u', false),
    ("onecmd", 't', false),
    ("physical", 'P', false),
    ("pipefail", ' ', false),
    ("posix", ' ', false),
    ("privileged", 'p', false),
    ("verbose", 'v', false),
    ("vi", ' ', false),
    ("xtrace", 'x', false),
];

/// What `shopt` knows here: those that change something, and those that scripts switch for safety.
const SHOPTS: [(&str, bool); 14] = [
    ("checkwinsize", true),
    ("cmdhist", true),
    ("dotglob", false),
    ("expand_aliases", false),
    ("extglob", false),
    ("failglob", false),
    ("globstar", false),
    ("histappend", false),
    ("inherit_errexit", false),
    ("lastpipe", false),
    ("nocaseglob", false),
    ("nocasematch", false),
    ("nullglob", false),
    ("sourcepath", true),
];

impl Shell {
    pub(crate) fn set_flag(&mut self, flag: char, on: bool) -> bool {
        let options = &mut self.options;
        match flag {
            'e' => options.errexit = on,
            'u' => options.nounset = on,
            'x' => options.xtrace = on,
            'f' => options.noglob = on,
            'n' => options.noexec = on,
            'C' => options.noclobber = on,
            'a' => options.allexport = on,
            'm' => options.monitor = on,
            'h' | 'b' | 'v' | 'B' | 'E' | 'T' | 'H' | 'P' | 'i' | 'l' | 's' => {}
            _ => return false,
        }
        true
    }

    pub(crate) fn set_option(&mut self, name: &str, on: bool) -> bool {
        if name == "pipefail" {
            self.options.pipefail = on;
            return true;
        }
        let known = OPTIONS.iter().find(|(known, ..)| *known == name);
        known.is_some_and(|(_, letter, _)| *letter == ' ' || self.set_flag(*letter, on))
    }

    /// True if an option of `set -o` is on.
    pub(crate) fn option_is_on(&self, name: &str) -> bool {
        let options = &self.options;
        match name {
            "allexport" => options.allexport,
            "errexit" => options.errexit,
            "monitor" => options.monitor || self.interactive,
            "noclobber" => options.noclobber,
            "noexec" => options.noexec,
            "noglob" => options.noglob,
            "nounset" => options.nounset,
            "pipefail" => options.pipefail,
            "xtrace" => options.xtrace,
            "emacs" | "history" | "histexpand" => self.interactive,
            name => OPTIONS.iter().any(|(known, _, on)| *known == name && *on),
        }
    }

    /// `set -o`, or `set +o` as commands that set them so.
    pub(crate) async fn print_options(&self, commands: bool) -> i32 {
        let mut out = String::new();
        for (name, ..) in OPTIONS {
            let on = self.option_is_on(name);
            if commands {
                out.push_str(&format!("set {}o {name}\n", if on { '-' } else { '+' }));
            } else {
                out.push_str(&format!("{name:<15}\t{}\n", if on { "on" } else { "off" }));
            }
        }
        self.say(&out).await
    }

    fn shopt_is_on(&self, name: &str) -> Option<bool> {
        let (_, default) = SHOPTS.iter().find(|(known, _)| *known == name)?;
        Some(self.shopts.contains(name) != *default)
    }

    /// `shopt`: prints, asks or switches.
    pub(crate) async fn shopt(&mut self, rest: &[String]) -> i32 {
        let (mut to, mut quiet, mut commands) = (None, false, false);
        let mut names = Vec::new();
        for argument in rest {
            match argument.as_str() {
                "-s" => to = Some(true),
                "-u" => to = Some(false),
                "-q" => quiet = true,
                "-p" => commands = true,
                name => names.push(name),
            }
        }
        let mut status = 0;
        let mut out = String::new();
        let all: Vec<&str> = SHOPTS.iter().map(|(name, _)| *name).collect();
        let listed = names.is_empty();
        for name in if listed { all } else { names } {
            let Some(on) = self.shopt_is_on(name) else {
                self.complain_as("shopt", &format!("{name}: invalid shell option name"));
                status = 1;
                continue;
            };
            match to {
                Some(to) if !listed => {
                    if to == on {
                    } else if !self.shopts.remove(name) {
                        self.shopts.insert(name.to_owned());
                    }
                }
                to => {
                    if !listed && !on {
                        status = 1;
                    }
                    if to.is_some_and(|to| to != on) {
                    } else if commands {
                        out.push_str(&format!("shopt -{} {name}\n", if on { 's' } else { 'u' }));
                    } else {
                        out.push_str(&format!("{name:<20}\t{}\n", if on { "on" } else { "off" }));
                    }
                }
            }
        }
        if !quiet {
            self.say(&out).await;
        }
        status
    }
}
