//! Builtins about variables and options: `export`, `local`, `unset`, `set`, `read`, `getopts`.

use kernel::process::files::Fd;
use kernel::time::Duration;

use super::Flavour;
use super::quote;
use super::state::{Shell, Variable};

impl Shell {
    pub(crate) async fn declare(&mut self, builtin: &str, rest: &[String]) -> i32 {
        let (mut export, mut readonly) = (builtin == "export", builtin == "readonly");
        let (mut print, mut remove) = (false, false);
        let mut local = builtin != "export" && builtin != "readonly" && !self.locals.is_empty();
        if builtin == "local" && !local {
            self.complain_as(
                "local",
                if self.flavour == Flavour::Bash {
                    "can only be used in a function"
                } else {
                    "not in a function"
                },
            );
            return 1;
        }
        let mut names = Vec::new();
        for argument in rest {
            match argument
                .strip_prefix('-')
                .filter(|flags| !flags.is_empty() && names.is_empty())
            {
                Some("-") => {}
                Some(flags) => {
                    for flag in flags.chars() {
                        match flag {
                            'x' => export = true,
                            'r' => readonly = true,
                            'p' => print = true,
                            'n' if builtin == "export" => remove = true,
                            'g' => local = false,
                            'i' | 'f' | 'F' => {}
                            'a' | 'A' => {
                                self.complain_as(
                                    builtin,
                                    &crate::not_modelled!("the shell", "arrays"),
                                );
                                return 2;
                            }
                            other => {
                                self.complain_as(builtin, &format!("-{other}: invalid option"));
                                return 2;
                            }
                        }
                    }
                }
                None => names.push(argument.clone()),
            }
        }
        if names.is_empty() || print {
            return self
                .print_variables(builtin, &names, export, readonly)
                .await;
        }
        let mut status = 0;
        for argument in &names {
            let (name, value) = argument
                .split_once('=')
                .map_or((argument.as_str(), None), |(name, value)| {
                    (name, Some(value))
                });
            let (name, append) = name
                .strip_suffix('+')
                .filter(|_| value.is_some())
                .map_or((name, false), |name| (name, true));
            if !self.check_name(builtin, name, argument) {
                status = 1;
                continue;
            }
            if local
                && let Some(covered) = self.locals.last_mut()
                && !covered.contains_key(name)
            {
                covered.insert(name.to_owned(), self.variables.remove(name));
                self.variables.insert(name.to_owned(), Variable::default());
            }
            if let Some(value) = value {
                let value = if append {
                    self.variable(name).unwrap_or_default() + value
                } else {
                    value.to_owned()
                };
                if self.assign(name, value).is_err() {
                    status = 1;
                    continue;
                }
            }
            let variable = self.variables.entry(name.to_owned()).or_default();
            if remove {
                variable.exported = false;
            } else {
                variable.exported |= export;
            }
            variable.readonly |= readonly;
        }
        status
    }

    async fn print_variables(
        &self,
        builtin: &str,
        names: &[String],
        export: bool,
        readonly: bool,
    ) -> i32 {
        let mut status = 0;
        for name in names
            .iter()
            .filter(|name| !self.variables.contains_key(*name))
        {
            self.complain_as(builtin, &format!("{name}: not found"));
            status = 1;
        }
        let mut out = String::new();
        for (name, variable) in &self.variables {
            let wanted = if names.is_empty() {
                (!export || variable.exported) && (!readonly || variable.readonly)
            } else {
                names.contains(name)
            };
            if !wanted {
                continue;
            }
            if self.flavour == Flavour::Bash {
                let flags = match (variable.readonly, variable.exported) {
                    (true, true) => "-rx",
                    (true, false) => "-r",
                    (false, true) => "-x",
                    (false, false) => "--",
                };
                out.push_str(&format!("declare {flags} {name}"));
                if let Some(value) = &variable.value {
                    out.push_str(&format!("={}", quote::double(value)));
                }
            } else {
                out.push_str(&format!("{builtin} {name}"));
                if let Some(value) = &variable.value {
                    out.push_str(&format!("='{}'", value.replace('\'', "'\\''")));
                }
            }
            out.push('\n');
        }
        self.say(&out).await;
        status
    }

    pub(crate) fn unset(&mut self, rest: &[String]) -> i32 {
        let functions = rest.first().is_some_and(|flag| flag == "-f");
        let mut status = 0;
        for name in rest.iter().filter(|name| !name.starts_with('-')) {
            if functions {
                self.functions.remove(name);
            } else if self.is_readonly(name) {
                let text = if self.flavour == Flavour::Bash {
                    "cannot unset: readonly variable"
                } else {
                    "is read only"
                };
                self.complain_as("unset", &format!("{name}: {text}"));
                status = 1;
            } else if self.variables.remove(name).is_none() {
                self.functions.remove(name);
            }
        }
        status
    }

    pub(crate) async fn set(&mut self, rest: &[String]) -> i32 {
        if rest.is_empty() {
            let all: String = self
                .variables
                .iter()
                .filter_map(|(name, variable)| {
                    variable
                        .value
                        .as_ref()
                        .map(|value| format!("{name}={}\n", quote::shell(value)))
                })
                .collect();
            return self.say(&all).await;
        }
        let mut arguments = rest.iter();
        while let Some(argument) = arguments.next() {
            let on = argument.starts_with('-');
            let Some(flags) = argument.strip_prefix(['-', '+']) else {
                self.positional = std::iter::once(argument)
                    .chain(arguments)
                    .cloned()
                    .collect();
                return 0;
            };
            if flags == "-" {
                self.positional = arguments.cloned().collect();
                return 0;
            }
            for flag in flags.chars() {
                if flag == 'o' {
                    let Some(name) = arguments.next() else {
                        return self.print_options().await;
                    };
                    if !self.set_option(name, on) {
                        self.complain_as("set", &format!("{name}: invalid option name"));
                        return 2;
                    }
                } else if !self.set_flag(flag, on) {
                    let sign = if on { '-' } else { '+' };
                    let text = match self.flavour {
                        Flavour::Bash => format!("{sign}{flag}: invalid option"),
                        Flavour::Dash | Flavour::Ash => format!("Illegal option {sign}{flag}"),
                    };
                    self.complain_as("set", &text);
                    return 2;
                }
            }
        }
        0
    }

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
            'h' | 'm' | 'b' | 'v' | 'B' | 'E' | 'T' | 'H' | 'P' | 'i' | 'l' | 's' => {}
            _ => return false,
        }
        true
    }

    pub(crate) fn set_option(&mut self, name: &str, on: bool) -> bool {
        match name {
            "pipefail" => self.options.pipefail = on,
            "errexit" => return self.set_flag('e', on),
            "nounset" => return self.set_flag('u', on),
            "xtrace" => return self.set_flag('x', on),
            "noglob" => return self.set_flag('f', on),
            "noexec" => return self.set_flag('n', on),
            "noclobber" => return self.set_flag('C', on),
            "allexport" => return self.set_flag('a', on),
            "posix" | "monitor" | "emacs" | "vi" | "history" | "verbose" | "ignoreeof"
            | "hashall" | "braceexpand" | "errtrace" | "functrace" => {}
            _ => return false,
        }
        true
    }

    async fn print_options(&self) -> i32 {
        let options = &self.options;
        let mut out = String::new();
        for (name, on) in [
            ("allexport", options.allexport),
            ("errexit", options.errexit),
            ("noclobber", options.noclobber),
            ("noexec", options.noexec),
            ("noglob", options.noglob),
            ("nounset", options.nounset),
            ("pipefail", options.pipefail),
            ("xtrace", options.xtrace),
        ] {
            out.push_str(&format!("{name:<15}\t{}\n", if on { "on" } else { "off" }));
        }
        self.say(&out).await
    }

    pub(crate) async fn read(&mut self, rest: &[String]) -> i32 {
        let (mut raw, mut prompt, mut limit, mut delimiter, mut count) =
            (false, String::new(), None, b'\n', usize::MAX);
        let mut names = Vec::new();
        let mut arguments = rest.iter();
        while let Some(argument) = arguments.next() {
            let Some(flags) = argument
                .strip_prefix('-')
                .filter(|flags| !flags.is_empty() && names.is_empty())
            else {
                names.push(argument.clone());
                continue;
            };
            let mut flags = flags.chars();
            while let Some(flag) = flags.next() {
                let mut value = || {
                    let rest: String = flags.by_ref().collect();
                    if rest.is_empty() {
                        arguments.next().cloned().unwrap_or_default()
                    } else {
                        rest
                    }
                };
                match flag {
                    'r' => raw = true,
                    's' | 'e' => {}
                    'p' => prompt = value(),
                    't' => {
                        limit = value()
                            .parse::<f64>()
                            .ok()
                            .filter(|seconds| (0.0..1e9).contains(seconds));
                    }
                    'd' => delimiter = value().bytes().next().unwrap_or(0),
                    'n' | 'N' => count = value().parse().unwrap_or(usize::MAX),
                    other => {
                        self.complain_as("read", &crate::not_modelled!("the shell", "-{other}"));
                        return 2;
                    }
                }
            }
        }
        if !prompt.is_empty() && self.sys.is_tty(Fd::STDIN) {
            self.sys.err(&prompt);
        }
        let line = match limit {
            Some(seconds) => match self
                .sys
                .timeout(
                    Duration::from_secs_f64(seconds),
                    self.read_line(raw, delimiter, count),
                )
                .await
            {
                Some(line) => line,
                None => return 142,
            },
            None => self.read_line(raw, delimiter, count).await,
        };
        let (line, ended) = line;
        self.store_fields(&line, if names.is_empty() { None } else { Some(&names) });
        i32::from(!ended)
    }

    /// Reads byte by byte, so that what follows the line stays for the next program.
    async fn read_line(&self, raw: bool, delimiter: u8, count: usize) -> (Vec<(char, bool)>, bool) {
        let mut bytes: Vec<u8> = Vec::new();
        let mut escapes: Vec<usize> = Vec::new();
        let mut escaped = false;
        let mut ended = false;
        while bytes.len() < count {
            let Ok(data) = self.sys.read(Fd::STDIN, 1).await else {
                break;
            };
            let Some(byte) = data.first().copied() else {
                break;
            };
            if !raw && !escaped && byte == b'\\' {
                escaped = true;
                continue;
            }
            if escaped {
                escaped = false;
                if byte == b'\n' {
                    continue;
                }
                escapes.push(bytes.len());
            } else if byte == delimiter {
                ended = true;
                break;
            }
            bytes.push(byte);
        }
        ended |= bytes.len() == count;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let quoted: Vec<(char, bool)> = text
            .char_indices()
            .map(|(at, c)| (c, escapes.contains(&at)))
            .collect();
        (quoted, ended)
    }

    fn store_fields(&mut self, line: &[(char, bool)], names: Option<&[String]>) {
        let text = |part: &[(char, bool)]| part.iter().map(|(c, _)| c).collect::<String>();
        let Some(names) = names else {
            self.put("REPLY", text(line), None);
            return;
        };
        let ifs = self.variable("IFS").unwrap_or_else(|| " \t\n".to_owned());
        let blank = |pair: &(char, bool)| !pair.1 && pair.0.is_whitespace() && ifs.contains(pair.0);
        let separator = |pair: &(char, bool)| !pair.1 && ifs.contains(pair.0);
        let mut rest = line;
        while let Some((first, after)) = rest.split_first()
            && blank(first)
        {
            rest = after;
        }
        for (index, name) in names.iter().enumerate() {
            if index + 1 == names.len() {
                let mut last = rest;
                while let Some((end, before)) = last.split_last()
                    && blank(end)
                {
                    last = before;
                }
                self.put(name, text(last), None);
                return;
            }
            let length = rest.iter().take_while(|pair| !separator(pair)).count();
            self.put(name, text(rest.get(..length).unwrap_or_default()), None);
            rest = rest.get(length..).unwrap_or_default();
            // Blanks around one other separator count as one.
            let mut hard = false;
            while let Some((first, after)) = rest.split_first() {
                if blank(first) || (!hard && separator(first)) {
                    hard |= !blank(first);
                    rest = after;
                } else {
                    break;
                }
            }
        }
    }

    pub(crate) fn getopts(&mut self, rest: &[String]) -> i32 {
        let [wanted, name, own @ ..] = rest else {
            self.complain_as("getopts", "usage: getopts optstring name [arg ...]");
            return 2;
        };
        let arguments = if own.is_empty() {
            self.positional.clone()
        } else {
            own.to_vec()
        };
        let index: usize = self
            .variable("OPTIND")
            .and_then(|text| text.parse().ok())
            .unwrap_or(1)
            .max(1);
        let at = self.getopts_at.max(1);
        let Some(argument) = arguments
            .get(index - 1)
            .filter(|argument| argument.starts_with('-') && argument.len() > 1)
        else {
            self.put(name, "?".to_owned(), None);
            self.getopts_at = 0;
            return 1;
        };
        if argument == "--" {
            self.put("OPTIND", (index + 1).to_string(), None);
            self.put(name, "?".to_owned(), None);
            return 1;
        }
        let chars: Vec<char> = argument.chars().collect();
        let flag = chars.get(at).copied().unwrap_or('?');
        let mut next = if at + 1 < chars.len() {
            (index, at + 1)
        } else {
            (index + 1, 0)
        };
        let silent = wanted.starts_with(':');
        let known = flag != ':' && wanted.contains(flag);
        let takes = wanted
            .split_once(flag)
            .is_some_and(|(_, after)| after.starts_with(':'));
        self.variables.remove("OPTARG");
        let mut result = flag.to_string();
        if !known {
            result = "?".to_owned();
            if silent {
                self.put("OPTARG", flag.to_string(), None);
            } else {
                self.complain_as("getopts", &format!("illegal option -- {flag}"));
            }
        } else if takes {
            let value = if at + 1 < chars.len() {
                Some(chars.iter().skip(at + 1).collect())
            } else {
                arguments.get(index).cloned()
            };
            next = (index + if at + 1 < chars.len() { 1 } else { 2 }, 0);
            match value {
                Some(value) => self.put("OPTARG", value, None),
                None => {
                    result = if silent { ":" } else { "?" }.to_owned();
                    if !silent {
                        self.complain_as(
                            "getopts",
                            &format!("option requires an argument -- {flag}"),
                        );
                    }
                }
            }
        }
        self.getopts_at = next.1;
        self.put("OPTIND", next.0.to_string(), None);
        self.put(name, result, None);
        0
    }
}
