//! How fast devices may be read and written, and which are served first: what `--device-read-bps` and its like take.
//! Source: docker/cli `opts/throttledevice.go`, `opts/weightdevice.go`.

use engine::api::{ThrottleDevice, WeightDevice};

/// Splits a device from what it is given.
fn device(text: &str) -> Result<(&str, &str), String> {
    let (path, given) = text
        .split_once(':')
        .filter(|(path, _)| !path.is_empty())
        .ok_or_else(|| format!("bad format: {text}"))?;
    match path.starts_with("/dev/") {
        true => Ok((path, given)),
        false => Err(format!("bad format for device path: {text}")),
    }
}

/// Reads a rate of bytes a second.
pub(super) fn bytes(text: &str) -> Result<ThrottleDevice, String> {
    let (path, given) = device(text)?;
    let rate = compose::units::size(given).ok();
    let rate = rate.and_then(|rate| u64::try_from(rate).ok());
    let rate = rate.ok_or_else(|| {
        format!(
            "invalid rate for device: {text}. The correct format is <device-path>:<number>[<unit>]. Number must be a \
             positive integer. Unit is optional and can be kb, mb, or gb"
        )
    })?;
    Ok(throttle(path, rate))
}

/// Reads a rate of operations a second.
pub(super) fn operations(text: &str) -> Result<ThrottleDevice, String> {
    let (path, given) = device(text)?;
    let rate = given.parse().map_err(|_bad| {
        format!(
            "invalid rate for device: {text}. The correct format is <device-path>:<number>. Number must be a positive integer"
        )
    })?;
    Ok(throttle(path, rate))
}

fn throttle(path: &str, rate: u64) -> ThrottleDevice {
    ThrottleDevice {
        path: path.to_owned(),
        rate,
    }
}

/// Reads a device's weight.
pub(super) fn weight(text: &str) -> Result<WeightDevice, String> {
    let (path, given) = device(text)?;
    let weight = given.parse().ok();
    let weight = weight.filter(|weight| matches!(weight, 0 | 10..=1000));
    Ok(WeightDevice {
        path: path.to_owned(),
        weight: weight.ok_or_else(|| format!("invalid weight for device: {text}"))?,
    })
}

/// Rejects a bad rate of bytes.
pub(super) fn check_bytes(text: &str) -> Result<(), String> {
    bytes(text).map(|_valid| ())
}

/// Rejects a bad rate of operations.
pub(super) fn check_operations(text: &str) -> Result<(), String> {
    operations(text).map(|_valid| ())
}

/// Rejects a bad weight.
pub(super) fn check_weight(text: &str) -> Result<(), String> {
    weight(text).map(|_valid| ())
}

/// Rejects what is no rule of the devices' control group: a kind, two numbers and what may be done. Source: docker/cli
/// `container/opts.go`, `validateDeviceCgroupRule`.
pub(super) fn check_rule(text: &str) -> Result<(), String> {
    let number =
        |text: &str| text == "*" || !text.is_empty() && text.bytes().all(|c| c.is_ascii_digit());
    let words: Vec<&str> = text.split(' ').collect();
    let [kind, numbers, may] = words.as_slice() else {
        return Err(bad_rule(text));
    };
    let both = numbers.split_once(':');
    let valid = matches!(*kind, "a" | "b" | "c")
        && both.is_some_and(|(major, minor)| number(major) && number(minor))
        && (1..=3).contains(&may.len())
        && may.chars().all(|c| "rwm".contains(c));
    if valid { Ok(()) } else { Err(bad_rule(text)) }
}

fn bad_rule(text: &str) -> String {
    format!("invalid device cgroup format '{text}'")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_and_weights_are_read_or_refused_in_dockers_words() {
        assert_eq!(bytes("/dev/sda:1mb"), Ok(throttle("/dev/sda", 1 << 20)));
        assert_eq!(operations("/dev/sda:0"), Ok(throttle("/dev/sda", 0)));
        let bare = "bad format: /dev/sda".to_owned();
        assert_eq!(bytes("/dev/sda"), Err(bare));
        let elsewhere = "bad format for device path: sda:1".to_owned();
        assert_eq!(operations("sda:1"), Err(elsewhere));
        for bad in ["/dev/sda:5", "/dev/sda:1001", "/dev/sda:10:1", "/dev/sda:x"] {
            let expected = format!("invalid weight for device: {bad}");
            assert_eq!(weight(bad), Err(expected));
        }
    }

    #[test]
    fn rules_have_a_kind_two_numbers_and_rights() {
        for good in ["c 1:3 rwm", "b *:* m", "a *:7 r"] {
            assert_eq!(check_rule(good), Ok(()));
        }
        for bad in [
            "nonsense",
            "c 1:3",
            "c 1 r",
            "x 1:3 r",
            "c 1:3 rwmr",
            "c 1:3 z",
            "c 1:x r",
        ] {
            assert_eq!(check_rule(bad), Err(bad_rule(bad)));
        }
    }
}
