//! Builtins about where things are: lines of a file, directories, callers.

use kernel::process::files::Fd;

use crate::shell::letters::Letters;
use crate::shell::state::Shell;

/// The most lines that `mapfile` keeps.
const MAX_LINES: usize = 100_000;

impl Shell {
    /// `mapfile`: the lines of standard input as an array.
    pub(super) async fn mapfile(&mut self, name: &str, rest: &[String]) -> i32 {
        let (mut trims, mut most, mut skip, mut input, mut delimiter) =
            (false, MAX_LINES, 0, Fd::STDIN, '\n');
        let mut letters = Letters::new(rest);
        while let Some(letter) = letters.option() {
            match letter {
                't' => trims = true,
                'n' => {
                    let count = letters.value().parse().unwrap_or(0);
                    most = if count == 0 { MAX_LINES } else { count };
                }
                's' => skip = letters.value().parse().unwrap_or(0),
                'u' => input = letters.value().parse().map_or(Fd::STDIN, Fd),
                'd' => delimiter = letters.value().chars().next().unwrap_or('\0'),
                other => {
                    self.complain_as(name, &crate::not_modelled!("the shell", "-{other}"));
                    return 2;
                }
            }
        }
        let array = letters.operands().first();
        let array = array.map_or("MAPFILE", String::as_str);
        let data = self.sys.read_all(input, 4 << 20).await.unwrap_or_default();
        let text = String::from_utf8_lossy(&data).into_owned();
        let lines = text.split_inclusive(delimiter).skip(skip).take(most);
        let kept = lines.map(|line| match trims {
            true => line.strip_suffix(delimiter).unwrap_or(line).to_owned(),
            false => line.to_owned(),
        });
        let kept = kept.collect();
        i32::from(self.assign_array(array, kept).is_err())
    }

    /// `pushd`, `popd` and `dirs`.
    pub(super) async fn directories(&mut self, name: &str, rest: &[String]) -> i32 {
        let here = self.variable("PWD").unwrap_or_default();
        match (name, rest.first()) {
            ("pushd", Some(to)) => {
                let to = vec![to.clone()];
                if self.cd(&to).await != 0 {
                    return 1;
                }
                self.directories.push(here);
            }
            ("pushd", None) => match self.directories.pop() {
                Some(to) => {
                    self.cd(&[to]).await;
                    self.directories.push(here);
                }
                None => {
                    self.complain_as("pushd", "no other directory");
                    return 1;
                }
            },
            ("popd", _) => match self.directories.pop() {
                Some(to) => {
                    self.cd(&[to]).await;
                }
                None => {
                    self.complain_as("popd", "directory stack empty");
                    return 1;
                }
            },
            _ => {}
        }
        let home = self.variable("HOME").unwrap_or_default();
        let here = self.variable("PWD").unwrap_or_default();
        let stack = std::iter::once(&here).chain(self.directories.iter().rev());
        let shown: Vec<String> = stack
            .map(|path| match path.strip_prefix(home.as_str()) {
                Some(rest) if home.len() > 1 && (rest.is_empty() || rest.starts_with('/')) => {
                    format!("~{rest}")
                }
                _ => path.clone(),
            })
            .collect();
        self.say(&format!("{}\n", shown.join(" "))).await
    }

    /// `umask`: what it is, in either form; it is kept and changes nothing.
    pub(super) async fn umask(&mut self, rest: &[String]) -> i32 {
        match rest.first().map(String::as_str) {
            None => self.say(&format!("{:04o}\n", self.umask)).await,
            Some("-S") => {
                let class = |shift: u32| -> String {
                    [('r', 4), ('w', 2), ('x', 1)]
                        .iter()
                        .filter(|(_, bit)| (self.umask >> shift) & bit == 0)
                        .map(|(letter, _)| letter)
                        .collect()
                };
                let text = format!("u={},g={},o={}\n", class(6), class(3), class(0));
                self.say(&text).await
            }
            Some(text) => match u32::from_str_radix(text, 8) {
                Ok(mask) if mask <= 0o777 => {
                    self.umask = mask;
                    0
                }
                _ => {
                    self.complain_as("umask", &crate::not_modelled!("the shell", "umask {text}"));
                    1
                }
            },
        }
    }
}
