//! Builtins about variables and options: `export`, `local`, `unset`, `set`, `read`, `getopts`.

use kernel::process::files::Fd;
use kernel::time::Duration;

use super::Flavour;
use super::arrays::{self, Array};
use super::expand;
use super::letters::Letters;
use super::quote;
use super::state::{Shell, Variable};

/// The status of a builtin whose failure ends dash and ash.
pub(crate) const FATAL: i32 = 0x102;

impl Shell {
    pub(crate) async fn declare(&mut self, builtin: &str, rest: &[String]) -> i32 {
        let (mut export, mut readonly) = (builtin == "export", builtin == "readonly");
        let (mut print, mut remove) = (false, false);
        let (mut integer, mut upper, mut kind, mut functions) = (false, None, None, None);
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
            return if self.flavour == Flavour::Bash {
                1
            } else {
                FATAL
            };
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
                            'i' => integer = true,
                            'l' | 'u' => upper = Some(flag == 'u'),
                            'a' | 'A' => kind = Some(flag == 'A'),
                            'f' | 'F' => functions = Some(flag == 'F'),
                            'n' => {
                                let text = crate::not_modelled!("the shell", "name references");
                                self.complain_as(builtin, &text);
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
        if let Some(short) = functions {
            return self.print_functions(&names, short).await;
        }
        if names.is_empty() || print {
            let plain = !export && !readonly && !integer && upper.is_none() && kind.is_none();
            let wanted = Variable {
                exported: export,
                readonly,
                integer,
                upper,
                array: kind.map(|associative| Array {
                    associative,
                    ..Array::default()
                }),
                value: None,
            };
            return self
                .print_variables(builtin, &names, (!plain).then_some(wanted))
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
            let target = name;
            let (name, index) = arrays::target(target);
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
            let variable = self.variables.entry(name.to_owned()).or_default();
            variable.integer |= integer;
            variable.upper = upper.or(variable.upper);
            if let Some(associative) = kind {
                self.make_array(name, associative);
            }
            if let Some(value) = value {
                let list = (kind.is_some() && value.starts_with('(') && value.ends_with(')'))
                    .then(|| self.list_in(name, value))
                    .flatten();
                let done = match (&list, index) {
                    (Some(list), _) => self.assignment(list).await.map(|_shown| ()),
                    (None, Some(_)) => self.assign_target(target, value.to_owned()),
                    (None, None) => self.assign_as(name, append, value.to_owned()),
                };
                if done.is_err() {
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

    /// Prints variables as `declare -p` does: those named, or all that have what is wanted.
    async fn print_variables(
        &self,
        builtin: &str,
        names: &[String],
        wanted: Option<Variable>,
    ) -> i32 {
        let mut status = 0;
        for name in names
            .iter()
            .filter(|name| !self.variables.contains_key(*name))
        {
            self.complain_as(builtin, &format!("{name}: not found"));
            status = 1;
        }
        let wanted = wanted.map(|wanted| wanted.letters()).unwrap_or_default();
        let mut out = String::new();
        for (name, variable) in &self.variables {
            let letters = variable.letters();
            let shown = if names.is_empty() {
                wanted.chars().all(|letter| letters.contains(letter))
            } else {
                names.contains(name)
            };
            if !shown {
                continue;
            }
            if self.flavour == Flavour::Bash {
                let flags = if letters.is_empty() { "-" } else { &letters };
                out.push_str(&format!("declare -{flags} {name}"));
                if let Some(array) = &variable.array {
                    out.push_str(&format!("={}", array.declared()));
                } else if let Some(value) = &variable.value {
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

    /// `declare -F`, which names functions, and `declare -f`, which would show them.
    async fn print_functions(&self, names: &[String], short: bool) -> i32 {
        let known = |name: &&String| self.functions.contains_key(*name);
        if !short {
            self.complain_as(
                "declare",
                &crate::not_modelled!("the shell", "showing the text of functions"),
            );
            return 2;
        }
        let out: String = if names.is_empty() {
            let all = self.functions.keys();
            all.map(|name| format!("declare -f {name}\n")).collect()
        } else {
            names
                .iter()
                .filter(known)
                .map(|name| format!("{name}\n"))
                .collect()
        };
        self.say(&out).await;
        i32::from(!names.iter().all(|name| known(&name)))
    }

    pub(crate) fn unset(&mut self, rest: &[String]) -> i32 {
        let functions = rest.first().is_some_and(|flag| flag == "-f");
        let mut status = 0;
        for name in rest.iter().filter(|name| !name.starts_with('-')) {
            if functions {
                self.functions.remove(name);
            } else if self.unset_element(name) {
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

    /// A value as `set` shows it: dash and ash quote all of them.
    fn quoted(&self, value: &str) -> String {
        match self.flavour {
            Flavour::Bash => quote::shell(value),
            Flavour::Dash | Flavour::Ash => format!("'{}'", value.replace('\'', "'\"'\"'")),
        }
    }

    pub(crate) async fn set(&mut self, rest: &[String]) -> i32 {
        if rest.is_empty() {
            let all: String = self
                .variables
                .iter()
                .filter_map(|(name, variable)| {
                    if let Some(array) = &variable.array {
                        return Some(format!("{name}={}\n", array.declared()));
                    }
                    let value = variable.value.as_ref()?;
                    Some(format!("{name}={}\n", self.quoted(value)))
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
                        return self.print_options(!on).await;
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

    pub(crate) async fn read(&mut self, rest: &[String]) -> i32 {
        let (mut raw, mut prompt, mut limit, mut delimiter, mut count) =
            (false, String::new(), None, b'\n', usize::MAX);
        let (mut array, mut whole, mut input) = (None, false, Fd::STDIN);
        let mut letters = Letters::new(rest);
        while let Some(letter) = letters.option() {
            match letter {
                'r' => raw = true,
                's' | 'e' => {}
                'p' => prompt = letters.value(),
                't' => {
                    let seconds = letters.value().parse::<f64>().ok();
                    limit = seconds.filter(|seconds| (0.0..1e9).contains(seconds));
                }
                'd' => delimiter = letters.value().bytes().next().unwrap_or(0),
                'n' | 'N' => {
                    whole |= letter == 'N';
                    count = letters.value().parse().unwrap_or(usize::MAX);
                }
                'a' if self.flavour == Flavour::Bash => array = Some(letters.value()),
                'u' => input = letters.value().parse().map_or(Fd::STDIN, Fd),
                other => {
                    self.complain_as("read", &crate::not_modelled!("the shell", "-{other}"));
                    return 2;
                }
            }
        }
        let names = letters.operands();
        if self.flavour == Flavour::Dash && names.is_empty() {
            self.complain_as("read", "arg count");
            return FATAL;
        }
        if !prompt.is_empty() && self.sys.is_tty(Fd::STDIN) {
            self.sys.err(&prompt);
        }
        let line = match limit {
            Some(seconds) => match self
                .sys
                .timeout(
                    Duration::from_secs_f64(seconds),
                    self.read_line(input, raw, delimiter, count),
                )
                .await
            {
                Some(line) => line,
                None => return 142,
            },
            None => self.read_line(input, raw, delimiter, count).await,
        };
        let (line, ended) = line;
        if let Some(array) = array {
            let ifs = self.variable("IFS").unwrap_or_else(|| " \t\n".to_owned());
            let text: String = line.iter().map(|(c, _)| c).collect();
            let fields = expand::fields(&[expand::Part::Split(text)], &ifs);
            let values = fields.iter().map(|field| expand::text(field)).collect();
            let done = self.assign_array(&array, values);
            return i32::from(!ended || done.is_err());
        }
        if whole && let Some(name) = names.first() {
            let text = line.iter().map(|(c, _)| c).collect();
            self.put(name, text, None);
            return i32::from(!ended);
        }
        self.store_fields(&line, if names.is_empty() { None } else { Some(names) });
        i32::from(!ended)
    }

    /// Reads byte by byte, so that what follows the line stays for the next program.
    async fn read_line(
        &self,
        input: Fd,
        raw: bool,
        delimiter: u8,
        count: usize,
    ) -> (Vec<(char, bool)>, bool) {
        let mut bytes: Vec<u8> = Vec::new();
        let mut escapes: Vec<usize> = Vec::new();
        let mut escaped = false;
        let mut ended = false;
        while bytes.len() < count {
            let Ok(data) = self.sys.read(input, 1).await else {
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

    /// What `getopts` says of a wrong option, if `OPTERR` lets it.
    fn getopts_fault(&self, text: &str, flag: char) {
        if self.variable("OPTERR").is_some_and(|value| value == "0") {
            return;
        }
        let line = match self.flavour {
            Flavour::Bash => format!("{}: {text}\n", self.name),
            Flavour::Dash if text.starts_with("illegal") => format!("Illegal option -{flag}\n"),
            Flavour::Dash => format!("No arg for -{flag} option\n"),
            Flavour::Ash if text.starts_with("illegal") => {
                format!("{}: illegal option -{flag}\n", self.name)
            }
            Flavour::Ash => format!("{}: no arg for -{flag} option\n", self.name),
        };
        self.sys.err(&line);
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
                self.getopts_fault(&format!("illegal option -- {flag}"), flag);
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
                    if silent {
                        self.put("OPTARG", flag.to_string(), None);
                    } else {
                        let text = format!("option requires an argument -- {flag}");
                        self.getopts_fault(&text, flag);
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
