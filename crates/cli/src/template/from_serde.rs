//! Turns what the engine's API returns into template values, keeping the difference between structs and maps.

use sorted::SortedMap;
use std::rc::Rc;

use serde::ser::{self, Serialize};

use super::value::{Field, Labels, Missing, Struct, Value};

/// Why something could not become a value; does not happen with the engine's types.
#[derive(Debug)]
pub(super) struct Error;

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("no value")
    }
}

impl std::error::Error for Error {}

impl ser::Error for Error {
    fn custom<T: std::fmt::Display>(_: T) -> Self {
        Self
    }
}

/// Returns `data` as a value; what cannot be one becomes nil.
pub fn value_of(data: &impl Serialize) -> Value {
    data.serialize(ToValue)
        .unwrap_or(Value::Nil(Missing::Unknown))
}

/// What Go's type of a field holds when it is nothing.
fn nothing(field: &str) -> Value {
    Value::Nil(match field {
        "IPAMConfig" | "Health" | "Healthcheck" | "StopTimeout" | "Init" | "PidsLimit"
        | "OomKillDisable" | "MemorySwappiness" | "Platform" | "Cluster" => Missing::Pointer,
        "DriverOpts" | "Volumes" | "Options" | "Labels" | "PortBindings" | "ExposedPorts"
        | "Sysctls" | "Tmpfs" | "Annotations" | "Data" | "StorageOpt" | "Ports" | "Networks"
        | "AuxiliaryAddresses" | "Containers" => Missing::Map,
        _ => Missing::List,
    })
}

/// What Go's type of a field holds when JSON leaves the field out.
fn left_out(field: &str) -> Value {
    match field {
        "AuxiliaryAddresses" | "ExposedPorts" | "Healthcheck" | "Health" | "StopTimeout"
        | "Annotations" | "Tmpfs" | "Sysctls" | "StorageOpt" | "LinkLocalIPs" | "Test"
        | "Mounts" | "Init" => nothing(field),
        "Peers" | "DefaultAddressPools" | "Info" => Value::Nil(Missing::List),
        "Services" => Value::Nil(Missing::Map),
        "SizeRw" | "SizeRootFs" => Value::Nil(Missing::Pointer),
        "NetworkDisabled" => Value::Bool(false),
        "PublicPort" | "Retries" => Value::Int(0),
        _ if is_duration(field) => Value::Duration(0),
        _ => Value::Str(String::new()),
    }
}

/// The structs of swarms.
const SWARM: &str = "ConfigSpec ContainerSpec DnsConfig EndpointSpec JobStatus Limit ManagerStatus NetworkAttachmentConfig NodeDescription \
    NodeSpec ObjectVersion Placement PortConfig PortStatus Replicated ReplicatedJob ResourceRequirements Resources SecretReference \
    SecretSpec Service ServiceEndpoint ServiceMode ServiceSpec Swarm SwarmConfigReference SwarmDriver SwarmInfo SwarmNode \
    SwarmSpec Task TaskRestartPolicy TaskSpec TaskStatus UpdateConfig UpdateStatus";
/// Their fields that are lists,
const SWARM_LISTS: &str = "Aliases Args CapabilityAdd CapabilityDrop Command Configs Constraints Env ExternalCAs Groups Hosts \
    Mounts Nameservers Networks NetworksAttachments Platforms Ports Preferences Search Secrets Ulimits VirtualIPs Warnings";
/// numbers,
const SWARM_NUMBERS: &str = "Index Managers MaxReplicas MemoryBytes NanoCPUs Nodes OomScoreAdj Pids PublishedPort Slot TargetPort";
/// or texts. All others are maps, flags or, mostly, pointers.
const SWARM_TEXTS: &str = "Addr Condition Data Dir Driver Err FailureAction Hostname Image Isolation Message Mode Name NodeID \
    PublishMode Runtime Scope ServiceID State StopSignal Target User";

/// The same for a field of a swarm's structs, where the same names stand for other types.
fn left_out_of_swarm(owner: &str, field: &str) -> Value {
    let is_in = |words: &str| words.split_whitespace().any(|word| word == field);
    match (owner, field) {
        ("DnsConfig", "Options") => Value::Nil(Missing::List),
        (_, "Labels" | "Sysctls" | "DriverOpts" | "Options") => Value::Nil(Missing::Map),
        (_, "TTY" | "OpenStdin" | "ReadOnly" | "Leader" | "Attachable" | "Internal") => {
            Value::Bool(false)
        }
        ("UpdateConfig", "Delay" | "Monitor") => Value::Duration(0),
        (_, "HeartbeatPeriod" | "NodeCertExpiry") => Value::Duration(0),
        ("SecretSpec", "Driver") => Value::Nil(Missing::Pointer),
        ("SecretSpec" | "ConfigSpec", "Data") => Value::Bytes(String::new()),
        _ if is_in(SWARM_LISTS) => Value::Nil(Missing::List),
        _ if is_in(SWARM_NUMBERS) => Value::Int(0),
        _ if is_in(SWARM_TEXTS) => Value::Str(String::new()),
        _ => Value::Nil(Missing::Pointer),
    }
}

/// What `index` gives for a key that a map does not have.
fn element(field: &str) -> Missing {
    match field {
        "Networks" | "Containers" | "EndpointsConfig" => Missing::Pointer,
        "Ports" | "PortBindings" | "ExposedPorts" => Missing::Port,
        _ => Missing::Text,
    }
}

/// Whether Go's client has a moment in a field.
fn is_time(owner: &str, field: &str) -> bool {
    match field {
        "Created" => owner.starts_with("Network"),
        "CreatedAt" | "UpdatedAt" => owner != "Volume",
        "StartedAt" | "CompletedAt" => owner == "UpdateStatus",
        "Timestamp" | "LastExecution" | "Start" | "End" => true,
        _ => false,
    }
}

/// Whether Go's client has a length of time in a field.
fn is_duration(field: &str) -> bool {
    matches!(
        field,
        "Interval"
            | "Timeout"
            | "StartPeriod"
            | "StartInterval"
            | "StopGracePeriod"
            | "Delay"
            | "Window"
            | "Monitor"
            | "HeartbeatPeriod"
            | "NodeCertExpiry"
    )
}

struct ToValue;

/// Collects the elements of a list.
pub(super) struct Elements(Vec<Value>);

/// Collects the entries of a map.
pub(super) struct Entries {
    entries: SortedMap<String, Value>,
    key: Option<String>,
}

/// Collects the fields of a struct.
pub(super) struct Fields {
    name: &'static str,
    fields: Vec<Field>,
}

// What is done with a value does not depend on its type, of which there are more than a hundred: it is compiled once.

impl Entries {
    #[inline(never)]
    fn put(&mut self, value: Value) {
        let value = match value {
            // Only lists of bindings are ever nothing inside a map.
            Value::Nil(_) => Value::Nil(Missing::List),
            other => other,
        };
        if let Some(key) = self.key.take() {
            self.entries.insert(key, value);
        }
    }
}

impl Fields {
    #[inline(never)]
    fn put(&mut self, name: &'static str, value: Value) {
        let value = match value {
            Value::Nil(_) => nothing(name),
            Value::Map(entries, _) => Value::Map(entries, element(name)),
            // The engine's API has texts and numbers here, which Go's client reads into times.
            Value::Str(text) if is_time(self.name, name) => Value::Time(text),
            Value::Str(text) if self.name == "EventMessage" && name == "Type" => {
                Value::Word("events.Type", text)
            }
            Value::Str(text) if self.name == "EventMessage" && name == "Action" => {
                Value::Word("events.Action", text)
            }
            Value::Int(nanos) if is_duration(name) => Value::Duration(nanos),
            Value::Int(bits) if (self.name, name) == ("FileTarget", "Mode") => Value::Mode(bits),
            Value::Str(coded)
                if matches!((self.name, name), ("ConfigSpec" | "SecretSpec", "Data")) =>
            {
                Value::Bytes(coded)
            }
            other => other,
        };
        self.fields.push(Field {
            name,
            value,
            omitted: false,
        });
    }
}

impl ser::Serializer for ToValue {
    type Ok = Value;
    type Error = Error;
    type SerializeSeq = Elements;
    type SerializeTuple = Elements;
    type SerializeTupleStruct = Elements;
    type SerializeTupleVariant = Elements;
    type SerializeMap = Entries;
    type SerializeStruct = Fields;
    type SerializeStructVariant = Fields;

    fn serialize_bool(self, v: bool) -> Result<Value, Error> {
        Ok(Value::Bool(v))
    }
    fn serialize_i8(self, v: i8) -> Result<Value, Error> {
        Ok(Value::Int(v.into()))
    }
    fn serialize_i16(self, v: i16) -> Result<Value, Error> {
        Ok(Value::Int(v.into()))
    }
    fn serialize_i32(self, v: i32) -> Result<Value, Error> {
        Ok(Value::Int(v.into()))
    }
    fn serialize_i64(self, v: i64) -> Result<Value, Error> {
        Ok(Value::Int(v))
    }
    fn serialize_u8(self, v: u8) -> Result<Value, Error> {
        Ok(Value::Int(v.into()))
    }
    fn serialize_u16(self, v: u16) -> Result<Value, Error> {
        Ok(Value::Int(v.into()))
    }
    fn serialize_u32(self, v: u32) -> Result<Value, Error> {
        Ok(Value::Int(v.into()))
    }
    fn serialize_u64(self, v: u64) -> Result<Value, Error> {
        Ok(Value::Int(i64::try_from(v).unwrap_or(i64::MAX)))
    }
    fn serialize_f32(self, v: f32) -> Result<Value, Error> {
        Ok(Value::Float(v.into()))
    }
    fn serialize_f64(self, v: f64) -> Result<Value, Error> {
        Ok(Value::Float(v))
    }
    fn serialize_char(self, v: char) -> Result<Value, Error> {
        Ok(Value::Str(v.to_string()))
    }
    fn serialize_str(self, v: &str) -> Result<Value, Error> {
        Ok(Value::Str(v.to_owned()))
    }
    fn serialize_bytes(self, v: &[u8]) -> Result<Value, Error> {
        Ok(Value::Str(String::from_utf8_lossy(v).into_owned()))
    }
    fn serialize_none(self) -> Result<Value, Error> {
        Ok(Value::Nil(Missing::Unknown))
    }
    fn serialize_some<T: Serialize + ?Sized>(self, v: &T) -> Result<Value, Error> {
        v.serialize(Self)
    }
    fn serialize_unit(self) -> Result<Value, Error> {
        Ok(Value::Nil(Missing::Unknown))
    }
    fn serialize_unit_struct(self, _name: &'static str) -> Result<Value, Error> {
        Ok(Value::Nil(Missing::Unknown))
    }
    fn serialize_unit_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
    ) -> Result<Value, Error> {
        Ok(Value::Str(variant.to_owned()))
    }
    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        v: &T,
    ) -> Result<Value, Error> {
        v.serialize(Self)
    }
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        _variant: &'static str,
        v: &T,
    ) -> Result<Value, Error> {
        v.serialize(Self)
    }
    fn serialize_seq(self, len: Option<usize>) -> Result<Elements, Error> {
        Ok(Elements(Vec::with_capacity(len.unwrap_or(0))))
    }
    fn serialize_tuple(self, len: usize) -> Result<Elements, Error> {
        self.serialize_seq(Some(len))
    }
    fn serialize_tuple_struct(self, _name: &'static str, len: usize) -> Result<Elements, Error> {
        self.serialize_seq(Some(len))
    }
    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        _variant: &'static str,
        len: usize,
    ) -> Result<Elements, Error> {
        self.serialize_seq(Some(len))
    }
    fn serialize_map(self, _len: Option<usize>) -> Result<Entries, Error> {
        Ok(Entries {
            entries: SortedMap::new(),
            key: None,
        })
    }
    fn serialize_struct(self, name: &'static str, len: usize) -> Result<Fields, Error> {
        Ok(Fields {
            name,
            fields: Vec::with_capacity(len),
        })
    }
    fn serialize_struct_variant(
        self,
        name: &'static str,
        _index: u32,
        _variant: &'static str,
        len: usize,
    ) -> Result<Fields, Error> {
        self.serialize_struct(name, len)
    }
}

impl ser::SerializeSeq for Elements {
    type Ok = Value;
    type Error = Error;
    fn serialize_element<T: Serialize + ?Sized>(&mut self, v: &T) -> Result<(), Error> {
        self.0.push(v.serialize(ToValue)?);
        Ok(())
    }
    fn end(self) -> Result<Value, Error> {
        Ok(Value::List(self.0))
    }
}

impl ser::SerializeTuple for Elements {
    type Ok = Value;
    type Error = Error;
    fn serialize_element<T: Serialize + ?Sized>(&mut self, v: &T) -> Result<(), Error> {
        ser::SerializeSeq::serialize_element(self, v)
    }
    fn end(self) -> Result<Value, Error> {
        ser::SerializeSeq::end(self)
    }
}

impl ser::SerializeTupleStruct for Elements {
    type Ok = Value;
    type Error = Error;
    fn serialize_field<T: Serialize + ?Sized>(&mut self, v: &T) -> Result<(), Error> {
        ser::SerializeSeq::serialize_element(self, v)
    }
    fn end(self) -> Result<Value, Error> {
        ser::SerializeSeq::end(self)
    }
}

impl ser::SerializeTupleVariant for Elements {
    type Ok = Value;
    type Error = Error;
    fn serialize_field<T: Serialize + ?Sized>(&mut self, v: &T) -> Result<(), Error> {
        ser::SerializeSeq::serialize_element(self, v)
    }
    fn end(self) -> Result<Value, Error> {
        ser::SerializeSeq::end(self)
    }
}

impl ser::SerializeMap for Entries {
    type Ok = Value;
    type Error = Error;
    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Error> {
        self.key = Some(key.serialize(ToValue)?.verb_v());
        Ok(())
    }
    fn serialize_value<T: Serialize + ?Sized>(&mut self, v: &T) -> Result<(), Error> {
        self.put(v.serialize(ToValue)?);
        Ok(())
    }
    fn end(self) -> Result<Value, Error> {
        Ok(Value::Map(self.entries, Missing::Text))
    }
}

impl ser::SerializeStruct for Fields {
    type Ok = Value;
    type Error = Error;
    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        v: &T,
    ) -> Result<(), Error> {
        self.put(name, v.serialize(ToValue)?);
        Ok(())
    }
    fn skip_field(&mut self, name: &'static str) -> Result<(), Error> {
        self.fields.push(Field {
            name,
            value: match SWARM.split_whitespace().any(|owner| owner == self.name) {
                true => left_out_of_swarm(self.name, name),
                false => left_out(name),
            },
            omitted: true,
        });
        Ok(())
    }
    fn end(self) -> Result<Value, Error> {
        Ok(Value::Struct(Rc::new(Struct {
            type_name: self.name,
            fields: self.fields,
            labels: Labels::None,
            row: false,
        })))
    }
}

impl ser::SerializeStructVariant for Fields {
    type Ok = Value;
    type Error = Error;
    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        v: &T,
    ) -> Result<(), Error> {
        ser::SerializeStruct::serialize_field(self, name, v)
    }
    fn end(self) -> Result<Value, Error> {
        ser::SerializeStruct::end(self)
    }
}
