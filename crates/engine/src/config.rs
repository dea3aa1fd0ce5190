//! The engine's own settings, from `/etc/docker/daemon.json`.

use std::net::IpAddr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use sorted::SortedMap;

use crate::error::{Error, Result};
use crate::go_json;
use crate::ipam::{strict_net, unfit_v6};
use crate::netip;
use crate::resolvconf::search_domain;

/// Where the settings stand on a machine.
pub const FILE: &str = "/etc/docker/daemon.json";

/// Settings of an engine that mean nothing to the simulation. A name that is neither here nor modelled stops the engine.
/// Source: docker/cli `docs/reference/dockerd.md`.
const OTHERS: &str = "allow-nondistributable-artifacts authorization-plugins builder cdi-spec-dirs cgroup-parent containerd \
    containerd-namespace containerd-plugins-namespace cpu-rt-period cpu-rt-runtime data-root default-cgroupns-mode \
    default-ipc-mode default-runtime default-ulimits exec-opts exec-root features group hosts init-path \
    insecure-registries log-format log-level max-concurrent-downloads max-concurrent-uploads max-download-attempts \
    metrics-addr network-control-plane-mtu no-new-privileges node-generic-resources oom-score-adjust pidfile proxies raw-logs \
    registry-mirrors runtimes seccomp-profile selinux-enabled shutdown-timeout storage-driver storage-opts \
    swarm-default-advertise-addr tls tlscacert tlscert tlskey tlsverify userland-proxy-path userns-remap";
/// The modelled ones, by what JSON they take.
const BOOLS: &str = "allow-direct-routing debug experimental icc init ip-forward ip-forward-no-drop ip-masq ip6tables iptables ipv6 \
    live-restore userland-proxy";
const ADDRESSES: &str = "default-gateway default-gateway-v6 host-gateway-ip ip";
const TEXTS: &str = "bip bip6 bridge fixed-cidr fixed-cidr-v6 log-driver";
const LISTS: &str = "dns dns-opts dns-search host-gateway-ips labels";
const REST: &str = "default-address-pools default-network-opts default-shm-size log-opts mtu";
/// Settings that are mappings.
const MAPS: &str = "builder default-network-opts default-ulimits features log-opts runtimes";
const LOG_LEVELS: &str = "panic fatal error warn warning info debug trace";

fn is_in(list: &str, name: &str) -> bool {
    list.split_whitespace().any(|known| known == name)
}

/// A block of automatic subnets.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct AddressPool {
    /// The block.
    pub base: String,
    /// Length of the prefix of each subnet.
    #[serde(default)]
    pub size: u8,
}

/// The settings that are modelled; others are accepted and do nothing.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct Config {
    /// True if the engine writes iptables rules.
    pub iptables: bool,
    /// True if the engine writes ip6tables rules.
    pub ip6tables: bool,
    /// True if the engine turns IPv4 forwarding on.
    pub ip_forward: bool,
    /// True if turning forwarding on does not set the FORWARD policy to DROP.
    pub ip_forward_no_drop: bool,
    /// True if packets that leave the default bridge are masqueraded.
    pub ip_masq: bool,
    /// True if docker-proxy carries published ports.
    pub userland_proxy: bool,
    /// True if containers on the default bridge may talk to each other.
    pub icc: bool,
    /// True if containers may be reached directly from outside.
    pub allow_direct_routing: bool,
    /// Address that ports of the default bridge are published on.
    pub ip: String,
    /// Address and prefix of docker0.
    pub bip: String,
    /// IPv6 address and prefix of docker0.
    pub bip6: String,
    /// Subnet that the default bridge's containers draw from.
    pub fixed_cidr: String,
    /// The same for IPv6.
    #[serde(rename = "fixed-cidr-v6")]
    pub fixed_cidr_v6: String,
    /// True if the default bridge has IPv6.
    pub ipv6: bool,
    /// Where the default bridge's containers send what goes elsewhere, if not to the bridge itself.
    pub default_gateway: String,
    /// The same for IPv6.
    #[serde(rename = "default-gateway-v6")]
    pub default_gateway_v6: String,
    /// MTU of the default bridge.
    pub mtu: u32,
    /// `none` for no default bridge, or the name of a bridge that somebody made.
    pub bridge: String,
    /// Name servers for containers that name none.
    pub dns: Vec<String>,
    /// Search domains for containers that name none.
    pub dns_search: Vec<String>,
    /// Resolver options for containers that name none.
    pub dns_opts: Vec<String>,
    /// What `host-gateway` stands for; the default bridge's address if empty.
    pub host_gateway_ips: Vec<String>,
    /// One address for the same, the older form.
    pub host_gateway_ip: String,
    /// Blocks of automatic subnets in place of Docker's.
    pub default_address_pools: Vec<AddressPool>,
    /// Options that networks of a driver get by default.
    pub default_network_opts: SortedMap<String, SortedMap<String, String>>,
    /// True if containers outlive the engine.
    pub live_restore: bool,
    /// Labels of the engine.
    pub labels: Vec<String>,
    /// The logging driver of containers that name none.
    pub log_driver: String,
    /// Its options.
    pub log_opts: SortedMap<String, String>,
    /// True if the engine says more in its log.
    pub debug: bool,
    /// True if what is experimental is on.
    pub experimental: bool,
    /// True if a small init runs in containers that do not say.
    pub init: bool,
    /// Size of `/dev/shm` in containers that do not say, bytes.
    #[serde(deserialize_with = "amount")]
    pub default_shm_size: i64,
    /// What runs containers that ask for nothing else.
    pub default_runtime: String,
    /// Further ones; only their names count.
    pub runtimes: Map<String, Value>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            iptables: true,
            ip6tables: true,
            ip_forward: true,
            ip_forward_no_drop: false,
            ip_masq: true,
            userland_proxy: true,
            icc: true,
            allow_direct_routing: false,
            ip: "0.0.0.0".to_owned(),
            bip: String::new(),
            bip6: String::new(),
            fixed_cidr: String::new(),
            fixed_cidr_v6: String::new(),
            ipv6: false,
            default_gateway: String::new(),
            default_gateway_v6: String::new(),
            mtu: 1500,
            bridge: String::new(),
            dns: Vec::new(),
            dns_search: Vec::new(),
            dns_opts: Vec::new(),
            host_gateway_ips: Vec::new(),
            host_gateway_ip: String::new(),
            default_address_pools: Vec::new(),
            default_network_opts: SortedMap::new(),
            live_restore: false,
            labels: Vec::new(),
            log_driver: "json-file".to_owned(),
            log_opts: SortedMap::new(),
            debug: false,
            experimental: false,
            init: false,
            default_shm_size: 64 << 20,
            default_runtime: "runc".to_owned(),
            runtimes: Map::new(),
        }
    }
}

impl Config {
    /// Reads the settings. Errors: `Invalid`, in the engine's words.
    pub fn parse(text: &str) -> Result<Self> {
        Self::parse_file(FILE, text)
    }

    /// The same of another file's text.
    pub fn parse_file(file: &str, text: &str) -> Result<Self> {
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        read(text).map_err(|why| refused_file(file, &why))
    }

    /// Returns whether there is a default bridge.
    pub fn has_bridge(&self) -> bool {
        self.bridge != "none"
    }

    /// Checks what only shows once the engine starts. Source: moby `daemon/daemon_unix.go`.
    pub fn check(&self) -> Result<()> {
        let runtime = &self.default_runtime;
        let built_in = matches!(runtime.as_str(), "runc" | "io.containerd.runc.v2");
        if !built_in && !self.runtimes.contains_key(runtime) {
            return Err(Error::invalid(format!(
                "specified default runtime '{runtime}' does not exist"
            )));
        }
        let why = if self.has_bridge() && !self.bridge.is_empty() && !self.bip.is_empty() {
            "You specified -b & --bip, mutually exclusive options. Please specify only one"
        } else if !self.iptables && !self.icc {
            "You specified --iptables=false with --icc=false. ICC=false uses iptables to function. Please set --icc or \
             --iptables to true"
        } else {
            return Ok(());
        };
        Err(Error::invalid(why))
    }

    /// Returns the addresses that were given for `host-gateway`. The older form's comes in IPv6's way of writing it.
    pub fn host_gateways(&self) -> Vec<IpAddr> {
        let one = match self.host_gateway_ip.parse() {
            Ok(IpAddr::V4(ip)) => Some(IpAddr::V6(ip.to_ipv6_mapped())),
            other => other.ok(),
        };
        let several = self
            .host_gateway_ips
            .iter()
            .filter_map(|ip| ip.parse().ok());
        several.chain(one).collect()
    }
}

/// Reads an amount of memory, which has to be a text. Source: docker/cli `opts.MemBytes`.
fn amount<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<i64, D::Error> {
    let given = Value::deserialize(deserializer)?;
    match given.as_str() {
        Some(text) => crate::units::size(text).map_err(D::Error::custom),
        None => Err(D::Error::custom(format!("invalid size: \"{given}\""))),
    }
}

/// The error about a file of settings.
pub(crate) fn refused_file(file: &str, why: &str) -> Error {
    Error::invalid(format!(
        "unable to configure the Docker daemon with file {file}: {why}"
    ))
}

/// Reads a file of settings, or says what is wrong with it. Source: moby `daemon/config/config.go`.
fn read(text: &str) -> std::result::Result<Config, String> {
    let invalid = |why: String| format!("invalid JSON: {why}");
    if let Some(why) = go_json::complaint(text) {
        return Err(invalid(why));
    }
    let given: Value = serde_json::from_str(text).map_err(|e| invalid(e.to_string()))?;
    let what = kind(&given);
    let given: Map<String, Value> = if let Value::Object(given) = given {
        given
    } else if given.is_null() {
        Map::new()
    } else {
        return Err(invalid(format!(
            "json: cannot unmarshal {what} into Go value of type map[string]interface {{}}"
        )));
    };
    let modelled = [BOOLS, ADDRESSES, TEXTS, LISTS, REST];
    let known = |name: &str| is_in(OTHERS, name) || modelled.iter().any(|list| is_in(list, name));
    let unknown: Vec<&str> = names(&given).filter(|name| !known(name)).collect();
    if !unknown.is_empty() {
        return Err(format!(
            "the following directives don't match any configuration option: {}",
            unknown.join(", ")
        ));
    }
    for (name, value) in &given {
        if let Some((place, kind, wanted)) = unfit_member(name, value) {
            return Err(invalid(format!(
                "json: cannot unmarshal {kind} into Go struct field {place} of type {wanted}"
            )));
        }
        let (wanted, fits) = match name.as_str() {
            "mtu" => ("int", value.is_i64()),
            name if is_in(BOOLS, name) => ("bool", value.is_boolean()),
            name if is_in(ADDRESSES, name) || is_in(TEXTS, name) => ("string", value.is_string()),
            "dns" => ("[]net.IP", value.is_array()),
            name if is_in(LISTS, name) => ("[]string", value.is_array()),
            _ => continue,
        };
        if !fits && !value.is_null() {
            let kind = kind(value);
            return Err(invalid(format!(
                "json: cannot unmarshal {kind} into Go struct field Config.{name} of type {wanted}"
            )));
        }
        let addresses =
            is_in(ADDRESSES, name) || matches!(name.as_str(), "dns" | "host-gateway-ips");
        let texts = value.as_array().into_iter().flatten().chain([value]);
        let bad = texts
            .filter_map(Value::as_str)
            .find(|text| text.parse::<IpAddr>().is_err());
        if let Some(bad) = bad.filter(|_| addresses) {
            return Err(invalid(format!("invalid IP address: {bad}")));
        }
    }
    let text = |name: &str| {
        given
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let (level, cidr) = (text("log-level"), text("fixed-cidr-v6"));
    let mtu = given.get("mtu").and_then(Value::as_i64).unwrap_or(0);
    // What is null is as if it had not been written.
    let given: Map<String, Value> = given.into_iter().filter(|(_, v)| !v.is_null()).collect();
    if mtu < 0 {
        return Err(unmerged(&format!("invalid default MTU: {mtu}")));
    }
    let config: Config =
        serde_json::from_value(Value::Object(given)).map_err(|e| invalid(e.to_string()))?;
    for pool in &config.default_address_pools {
        let base = &pool.base;
        if !base.contains('/') {
            return Err(invalid(format!("netip.ParsePrefix(\"{base}\"): no '/'")));
        }
    }
    let refused = if !level.is_empty() && !is_in(LOG_LEVELS, &level) {
        format!("invalid logging level: {level}")
    } else if let Some(why) = unfit_range_v6(&cidr).filter(|_| !cidr.is_empty()) {
        format!("invalid fixed-cidr-v6: invalid fixed-cidr-v6: {why}")
    } else if let Some(why) = config
        .dns_search
        .iter()
        .find_map(|d| search_domain(d).err())
    {
        why
    } else if let Some(bad) = config.labels.iter().find(|label| !label.contains('=')) {
        format!("bad attribute format: {bad}")
    } else {
        return Ok(config);
    };
    Err(unmerged(&refused))
}

fn unmerged(why: &str) -> String {
    format!("merged configuration validation from file and command line flags failed: {why}")
}

/// The names that a file's settings have to be known by: of a mapping, other than those that are settings as a whole, its
/// members' in its stead. Source: moby `daemon/config/config.go`, `configValuesSet`.
fn names(given: &Map<String, Value>) -> impl Iterator<Item = &str> {
    given.iter().flat_map(|(name, value)| {
        let members = value.as_object().filter(|_| !is_in(MAPS, name));
        let whole = members.is_none().then_some(name.as_str());
        let members = members.into_iter().flat_map(Map::keys);
        whole.into_iter().chain(members.map(String::as_str))
    })
}

/// What of a setting that holds others does not fit: where, what it is, and what it should have been.
fn unfit_member(name: &str, value: &Value) -> Option<(String, &'static str, &'static str)> {
    let text = |place: &str, value: &Value| {
        let unfit = !value.is_string() && !value.is_null();
        unfit.then(|| (place.to_owned(), kind(value), "string"))
    };
    let texts = |place: &str, value: &Value| match value.as_object() {
        Some(all) => all
            .iter()
            .find_map(|(key, value)| text(&format!("{place}.{key}"), value)),
        None if value.is_null() => None,
        None => Some((place.to_owned(), kind(value), "map[string]string")),
    };
    let place = format!("Config.{name}");
    match (name, value) {
        ("log-opts", _) => texts(&place, value),
        ("default-network-opts", Value::Object(drivers)) => drivers
            .iter()
            .find_map(|(driver, options)| texts(&format!("{place}.{driver}"), options)),
        ("default-network-opts", _) if !value.is_null() => {
            Some((place, kind(value), "map[string]map[string]string"))
        }
        ("default-address-pools", Value::Array(pools)) => {
            let mut sizes = pools.iter().map(|pool| pool.get("size")).enumerate();
            sizes.find_map(|(at, size)| {
                let size = size.filter(|size| !size.is_i64() && !size.is_null())?;
                Some((format!(".{at}.size"), kind(size), "int"))
            })
        }
        _ => None,
    }
}

/// What Go calls a JSON value.
const fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// Why the default bridge takes no such `fixed-cidr-v6`. Source: go `net/netip`, `ParsePrefix`; moby
/// `libnetwork/drivers/bridge/bridge_linux.go`, `ValidateFixedCIDRV6`.
fn unfit_range_v6(text: &str) -> Option<String> {
    let wrong = |why: &str| Some(format!("netip.ParsePrefix({text:?}): {why}"));
    let Some((addr, bits)) = text.split_once('/') else {
        return wrong("no '/'");
    };
    if let Err(why) = netip::check(addr) {
        return wrong(&why);
    }
    let digits = !bits.is_empty() && bits.bytes().all(|b| b.is_ascii_digit());
    match strict_net(text) {
        _ if !digits => wrong(&format!("bad bits after slash: {bits:?}")),
        None => wrong("prefix length out of range"),
        Some(ipnet::IpNet::V6(net)) if net.addr().to_ipv4_mapped().is_none() => {
            unfit_v6(&net.into())
        }
        Some(net) => Some(format!("'{net}' is not a valid IPv6 subnet")),
    }
}

/// Reads the address and prefix of a setting like `bip`, if it has been set.
pub(crate) fn address_of(name: &str, text: &str) -> Result<Option<ipnet::IpNet>> {
    match (text.is_empty(), strict_net(text)) {
        (true, _) => Ok(None),
        (false, Some(net)) => Ok(Some(net)),
        (false, None) => Err(Error::invalid(format!(
            "parse {name} failed: invalid CIDR address: {text}"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_a_file_is_told() {
        let why = |text: &str| {
            let error = Config::parse(text).unwrap_err().to_string();
            let head = "unable to configure the Docker daemon with file /etc/docker/daemon.json: ";
            error.strip_prefix(head).unwrap().to_owned()
        };
        assert_eq!(
            why(r#"{"iptable": false, "Bip": "10.0.0.1/24"}"#),
            "the following directives don't match any configuration option: Bip, iptable"
        );
        assert_eq!(
            why(r#"{"mtu": "1400"}"#),
            "invalid JSON: json: cannot unmarshal string into Go struct field Config.mtu of type int"
        );
        assert_eq!(
            why(r#"{"dns": ["nosuch"]}"#),
            "invalid JSON: invalid IP address: nosuch"
        );
        assert_eq!(
            why(r#"{"labels": ["bad"]}"#),
            "merged configuration validation from file and command line flags failed: bad attribute format: bad"
        );
        for (range, fault) in [
            ("nope", "netip.ParsePrefix(\"nope\"): no '/'"),
            (
                "fd00::/200",
                "netip.ParsePrefix(\"fd00::/200\"): prefix length out of range",
            ),
            ("10.0.0.0/24", "'10.0.0.0/24' is not a valid IPv6 subnet"),
            (
                "::ffff:a00:1/104",
                "'::ffff:10.0.0.1/104' is not a valid IPv6 subnet",
            ),
            ("ff05::/64", "multicast subnet 'ff05::/64' is not allowed"),
            (
                "fe80::/63",
                "'fe80::/63' clashes with the Link-Local prefix 'fe80::/64'",
            ),
            (
                "fe80::/65",
                "'fe80::/65' clashes with the Link-Local prefix 'fe80::/64'",
            ),
        ] {
            let told = why(&format!(r#"{{"fixed-cidr-v6": "{range}"}}"#));
            assert_eq!(
                told.rsplit("invalid fixed-cidr-v6: ").next(),
                Some(fault),
                "{told}"
            );
        }
        assert!(Config::parse(r#"{"fixed-cidr-v6": "fe80::/64"}"#).is_ok());
        // The last of two counts.
        let twice =
            Config::parse(r#"{"bip": "10.1.0.1/24", "bip": "10.2.0.1/24", "features": {}}"#)
                .unwrap();
        assert_eq!(twice.bip, "10.2.0.1/24");
    }
}
