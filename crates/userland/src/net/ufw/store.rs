//! What ufw remembers, in the files where it does.

use kernel::sys::Sys;

use super::chains;
use super::rule::Rule;

const CONF: &str = "/etc/ufw/ufw.conf";
const DEFAULTS: &str = "/etc/default/ufw";
const RULES: [&str; 2] = ["/etc/ufw/user.rules", "/etc/ufw/user6.rules"];

/// What happens to what no rule decides.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Policy {
    Allow,
    Deny,
    Reject,
}

/// Each with ufw's word and the target's.
const POLICIES: [(Policy, &str, &str); 3] = [
    (Policy::Allow, "allow", "ACCEPT"),
    (Policy::Deny, "deny", "DROP"),
    (Policy::Reject, "reject", "REJECT"),
];

impl Policy {
    pub(super) fn from_word(word: &str) -> Option<Self> {
        POLICIES
            .iter()
            .find(|p| p.1 == word || p.2 == word)
            .map(|p| p.0)
    }

    pub(super) fn word(self) -> &'static str {
        POLICIES.iter().find(|p| p.0 == self).map_or("", |p| p.1)
    }

    pub(super) fn target(self) -> &'static str {
        POLICIES.iter().find(|p| p.0 == self).map_or("", |p| p.2)
    }
}

/// Settings and rules, those of IPv4 first.
#[derive(Clone, Debug)]
pub(super) struct Store {
    pub(super) enabled: bool,
    pub(super) loglevel: String,
    pub(super) input: Policy,
    pub(super) output: Policy,
    pub(super) forward: Policy,
    pub(super) rules: [Vec<Rule>; 2],
}

impl Default for Store {
    fn default() -> Self {
        Self {
            enabled: false,
            loglevel: "low".to_owned(),
            input: Policy::Deny,
            output: Policy::Allow,
            forward: Policy::Deny,
            rules: [Vec::new(), Vec::new()],
        }
    }
}

/// The value of a line `NAME=VALUE`.
fn setting(text: &str, name: &str) -> Option<String> {
    let value = |line: &str| {
        line.strip_prefix(name)?
            .strip_prefix('=')
            .map(|v| v.trim_matches('"').to_owned())
    };
    text.lines().find_map(value)
}

impl Store {
    /// Reads the files; what is missing is as after installation.
    pub(super) fn read(sys: &Sys) -> Self {
        let mut store = Self::default();
        let conf = sys.read_text(CONF).unwrap_or_default();
        store.enabled = setting(&conf, "ENABLED").is_some_and(|v| v == "yes");
        store.loglevel = setting(&conf, "LOGLEVEL").unwrap_or(store.loglevel);
        let defaults = sys.read_text(DEFAULTS).unwrap_or_default();
        let policy =
            |name: &str| Policy::from_word(&setting(&defaults, &format!("DEFAULT_{name}_POLICY"))?);
        store.input = policy("INPUT").unwrap_or(store.input);
        store.output = policy("OUTPUT").unwrap_or(store.output);
        store.forward = policy("FORWARD").unwrap_or(store.forward);
        for (v6, (path, list)) in RULES.iter().zip(&mut store.rules).enumerate() {
            let text = sys.read_text(path).unwrap_or_default();
            let tuples = text
                .lines()
                .filter_map(|l| l.strip_prefix("### tuple ### "));
            *list = tuples
                .filter_map(|t| Rule::from_tuple(t, v6 == 1))
                .collect();
        }
        store
    }

    /// Writes the files.
    pub(super) fn write(&self, sys: &Sys) {
        let enabled = if self.enabled { "yes" } else { "no" };
        let conf = format!(
            "# /etc/ufw/ufw.conf\n#\n\n# Whether the firewall is set up when the machine starts.\nENABLED={enabled}\n\n# off, low, medium, high or full: see ufw logging.\nLOGLEVEL={}\n",
            self.loglevel
        );
        let defaults = format!(
            "# /etc/default/ufw\n#\n\nIPV6=yes\n\nDEFAULT_INPUT_POLICY=\"{}\"\n\nDEFAULT_OUTPUT_POLICY=\"{}\"\n\nDEFAULT_FORWARD_POLICY=\"{}\"\n\nDEFAULT_APPLICATION_POLICY=\"SKIP\"\n\nMANAGE_BUILTINS=no\n\nIPT_SYSCTL=/etc/ufw/sysctl.conf\n\nIPT_MODULES=\"\"\n",
            self.input.target(),
            self.output.target(),
            self.forward.target()
        );
        for dir in ["/etc/ufw", "/etc/default"] {
            // It is there already, as a rule.
            let _ = sys.make_node(dir, kernel::fs::Node::Dir, 0o755);
        }
        let files = [(CONF, conf), (DEFAULTS, defaults)];
        let rules = RULES.iter().zip([false, true]);
        let rules = rules.map(|(path, v6)| (*path, chains::user_file(self, v6)));
        for (path, text) in files.into_iter().chain(rules) {
            // A machine without room for a page of text has other troubles.
            let _ = sys.write_file(path, text.as_bytes());
        }
    }

    /// Puts the rules aside, and says where.
    pub(super) fn back_up(&self, sys: &Sys) -> String {
        let now = i64::try_from(sys.wall_clock().0).unwrap_or(0);
        let stamp = crate::system::date::format("%Y%m%d_%H%M%S", now, 0);
        let names = ["user", "before", "after", "user6", "before6", "after6"];
        let mut said = String::new();
        for name in names {
            let path = format!("/etc/ufw/{name}.rules");
            said += &format!("Backing up '{name}.rules' to '{path}.{stamp}'\n");
            if let Ok(text) = sys.read_text(&path) {
                let _ = sys.write_file(&format!("{path}.{stamp}"), text.as_bytes());
            }
        }
        said + "\n"
    }
}
