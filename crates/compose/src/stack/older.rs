//! Where the older format keeps something otherwise than Compose's model does.

use crate::value::{Map, Value};

/// Brings a service from the model's form into that of the older format; `written` is the service before.
pub(super) fn service(service: &mut Map, written: &Map) {
    if let Some(files) = written.get("env_file").and_then(Value::as_list) {
        let path = |file: &Value| match file.as_map().and_then(|file| file.get("path")) {
            Some(path) => path.clone(),
            None => file.clone(),
        };
        let files = files.iter().map(path).collect();
        service.insert("env_file".into(), Value::List(files));
    }
    if let Some(hosts) = service.get("extra_hosts").and_then(Value::as_map) {
        let lines = hosts.iter().flat_map(|(name, addresses)| {
            let all = addresses
                .as_list()
                .unwrap_or(std::slice::from_ref(addresses));
            let line = |address: &Value| Value::Str(format!("{name}:{}", address.to_text()));
            all.iter().map(line).collect::<Vec<_>>()
        });
        let lines = lines.collect();
        service.insert("extra_hosts".into(), Value::List(lines));
    }
    for port in items(service, "ports") {
        number(port, "published");
    }
    for key in ["secrets", "configs"] {
        for file in items(service, key) {
            let mode = file.as_map_mut().and_then(|file| file.get_mut("mode"));
            if let Some(mode) = mode
                && let Ok(bits) = i64::from_str_radix(&mode.to_text(), 8)
            {
                *mode = Value::Int(bits);
            }
        }
    }
    for volume in items(service, "volumes") {
        let Some(volume) = volume.as_map_mut() else {
            continue;
        };
        if let Some(bind) = volume.get_mut("bind").and_then(Value::as_map_mut) {
            bind.remove("create_host_path");
        }
        if let Some(tmpfs) = volume.get_mut("tmpfs") {
            number(tmpfs, "size");
        }
        for key in ["bind", "volume", "tmpfs"] {
            if volume
                .get(key)
                .and_then(Value::as_map)
                .is_some_and(|of| of.is_empty())
            {
                volume.remove(key);
            }
        }
    }
    for part in ["limits", "reservations"] {
        let path = ["deploy", "resources", part];
        let mut before = Some(written);
        for key in path {
            before = before.and_then(|map| map.get(key)).and_then(Value::as_map);
        }
        let cpus = before.and_then(|map| map.get("cpus")).map(Value::to_text);
        let mut now = Some(&mut *service);
        for key in path {
            now = now
                .and_then(|map| map.get_mut(key))
                .and_then(Value::as_map_mut);
        }
        if let (Some(now), Some(cpus)) = (now, cpus) {
            now.insert("cpus".into(), Value::Str(cpus));
        }
    }
}

/// The items of a sequence; none where there is none.
fn items<'a>(map: &'a mut Map, key: &str) -> &'a mut [Value] {
    match map.get_mut(key) {
        Some(Value::List(items)) => items,
        _ => &mut [],
    }
}

/// Turns text that is a whole number into one.
fn number(holder: &mut Value, key: &str) {
    let value = holder.as_map_mut().and_then(|map| map.get_mut(key));
    if let Some(value) = value
        && let Ok(number) = value.to_text().parse()
    {
        *value = Value::Int(number);
    }
}
