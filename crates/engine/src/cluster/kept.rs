//! Secrets and configs: files that managers keep, services refer to and tasks get. Both are made, changed, removed and
//! listed in one way.
//!
//! Source: moby `daemon/cluster/{secrets,configs}.go`; swarmkit `manager/controlapi/{secret,config}.go`.

use sorted::SortedMap;

use super::changes::{done, exists, out_of_sequence};
use super::requests::{any, wanted};
use super::store::{Named, Pen, Store, find, rpc};
use super::validate;
use crate::api::{
    ConfigSpec, ContainerSpec, EventType, Filters, ObjectVersion, Secret, SecretSpec, SwarmChanged,
    SwarmConfig,
};
use crate::error::Result;
use crate::filters::check_filters;

/// What a secret and a config have in common.
pub(super) trait Kept: Named + Clone + Sized {
    type Spec;
    /// Its word in what managers say.
    const KIND: &'static str;
    const EVENT: EventType;

    fn of_store(store: &Store) -> &SortedMap<String, Self>;
    fn of_store_mut(store: &mut Store) -> &mut SortedMap<String, Self>;
    fn new(id: String, version: ObjectVersion, time: String, spec: &Self::Spec) -> Self;
    /// Name and contents of a specification.
    fn asked(spec: &Self::Spec) -> (&str, &str);
    fn id(&self) -> &str;
    fn version(&self) -> u64;
    fn data(&self) -> &str;
    fn labels(&self) -> &SortedMap<String, String>;
    fn relabel(&mut self, spec: &Self::Spec, version: ObjectVersion, time: String);
    /// Whether containers of this kind get it.
    fn is_in(&self, container: &ContainerSpec) -> bool;
}

macro_rules! kept {
    ($object:ty, $spec:ty, $kind:literal, $event:ident, $all:ident, $reference:ident) => {
        impl Kept for $object {
            type Spec = $spec;
            const KIND: &'static str = $kind;
            const EVENT: EventType = EventType::$event;

            fn of_store(store: &Store) -> &SortedMap<String, Self> {
                &store.$all
            }

            fn of_store_mut(store: &mut Store) -> &mut SortedMap<String, Self> {
                &mut store.$all
            }

            fn new(id: String, version: ObjectVersion, time: String, spec: &$spec) -> Self {
                Self {
                    id,
                    version,
                    created_at: time.clone(),
                    updated_at: time,
                    spec: spec.clone(),
                }
            }

            fn asked(spec: &$spec) -> (&str, &str) {
                (&spec.name, &spec.data)
            }

            fn id(&self) -> &str {
                &self.id
            }

            fn version(&self) -> u64 {
                self.version.index
            }

            fn data(&self) -> &str {
                &self.spec.data
            }

            fn labels(&self) -> &SortedMap<String, String> {
                &self.spec.labels
            }

            fn relabel(&mut self, spec: &$spec, version: ObjectVersion, time: String) {
                self.spec.labels.clone_from(&spec.labels);
                self.version = version;
                self.updated_at = time;
            }

            fn is_in(&self, container: &ContainerSpec) -> bool {
                container.$all.iter().any(|r| r.$reference == self.id)
            }
        }
    };
}

kept!(Secret, SecretSpec, "secret", Secret, secrets, secret_id);
kept!(
    SwarmConfig,
    ConfigSpec,
    "config",
    Config,
    configs,
    config_id
);

impl Pen<'_> {
    /// Makes one.
    pub(super) fn keep<T: Kept>(&mut self, spec: &T::Spec) -> Result<SwarmChanged> {
        let (name, _) = T::asked(spec);
        validate::check_object_name(name)?;
        if T::of_store(self.store).values().any(|o| o.name() == name) {
            return Err(exists(T::KIND, name));
        }
        let (id, version, time) = (self.id(), self.version(), self.time());
        let made = T::new(id.clone(), version, time, spec);
        T::of_store_mut(self.store).insert(id.clone(), made);
        self.tell(T::EVENT, "create", &id, &[("name", name)]);
        Ok(done(&id))
    }

    /// Gives one other labels; nothing else of it can be changed.
    pub(super) fn relabel<T: Kept>(
        &mut self,
        id: &str,
        version: u64,
        spec: &T::Spec,
    ) -> Result<SwarmChanged> {
        let found = find(T::of_store(self.store), T::KIND, id)?.clone();
        if found.version() != version {
            return Err(out_of_sequence());
        }
        let (name, data) = T::asked(spec);
        if found.name() != name || (!data.is_empty() && data != found.data()) {
            return Err(rpc("InvalidArgument", "only updates to Labels are allowed"));
        }
        let (version, time) = (self.version(), self.time());
        if let Some(object) = T::of_store_mut(self.store).get_mut(found.id()) {
            object.relabel(spec, version, time);
        }
        self.tell(T::EVENT, "update", found.id(), &[("name", name)]);
        Ok(done(found.id()))
    }

    /// Removes one that no service uses.
    pub(super) fn discard<T: Kept>(&mut self, id: &str) -> Result<SwarmChanged> {
        let found = find(T::of_store(self.store), T::KIND, id)?.clone();
        self.unused(T::KIND, found.name(), |c| found.is_in(c))?;
        self.version();
        T::of_store_mut(self.store).remove(found.id());
        self.tell(T::EVENT, "remove", found.id(), &[("name", found.name())]);
        Ok(done(found.id()))
    }

    /// Refuses to remove what services use.
    fn unused(&self, kind: &str, name: &str, uses: impl Fn(&ContainerSpec) -> bool) -> Result<()> {
        let services = self.store.services.values().map(|s| &s.spec);
        let users = services.filter(|s| s.task_template.container_spec.iter().any(&uses));
        let names: Vec<&str> = users.map(|s| s.name.as_str()).collect();
        if names.is_empty() {
            return Ok(());
        }
        let s = if names.len() > 1 { "s" } else { "" };
        Err(rpc(
            "InvalidArgument",
            format!(
                "{kind} '{name}' is in use by the following service{s}: {}",
                names.join(", ")
            ),
        ))
    }
}

/// Those that a list asks for.
pub(super) fn list<T: Kept>(store: &Store, filters: &Filters) -> Result<Vec<T>> {
    check_filters(filters, &["id", "label", "name", "names"])?;
    let found = T::of_store(store)
        .values()
        .filter(|o| wanted(filters, o.id(), *o, o.labels()))
        .filter(|o| any(filters, "names", |v| o.name() == v));
    Ok(found.cloned().collect())
}
