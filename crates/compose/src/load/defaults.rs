//! Values that are there even if nobody wrote them. Source: compose-go 2.9.1, transform/defaults.go.

use crate::value::{Map, Value};

/// Fills in defaults.
pub(super) fn fill(tree: &mut Map) {
    let services = tree.get_mut("services").and_then(Value::as_map_mut);
    for service in services.into_iter().flat_map(Map::values_mut) {
        let Some(service) = service.as_map_mut() else {
            continue;
        };
        if let Some(Value::Map(build)) = service.get_mut("build") {
            build.entry("context".into()).or_insert(".".into());
        }
        for port in maps(service.get_mut("ports")) {
            port.entry("protocol".into()).or_insert("tcp".into());
            port.entry("mode".into()).or_insert("ingress".into());
        }
        for secret in maps(service.get_mut("secrets")) {
            if let (None, Some(source)) = (secret.get("target"), secret.get("source")) {
                let target = format!("/run/secrets/{}", source.to_text());
                secret.insert("target".into(), Value::Str(target));
            }
        }
        for device in maps(service.get_mut("gpus")) {
            count_all(device);
        }
        let devices = ["deploy", "resources", "reservations"]
            .iter()
            .try_fold(service, |map, key| map.get_mut(*key)?.as_map_mut())
            .and_then(|map| map.get_mut("devices"));
        for device in maps(devices) {
            count_all(device);
        }
    }
}

fn count_all(device: &mut Map) {
    if !device.contains_key("count") && !device.contains_key("device_ids") {
        device.insert("count".into(), "all".into());
    }
}

fn maps(list: Option<&mut Value>) -> impl Iterator<Item = &mut Map> {
    let items = match list {
        Some(Value::List(items)) => items.as_mut_slice(),
        _ => &mut [],
    };
    items.iter_mut().filter_map(Value::as_map_mut)
}
