//! What stands behind the path of a request. Source: moby `api/server/httputils/form.go`.

use sorted::SortedMap;

use super::request::Request;
use crate::api::{EventsOptions, Filters, LogsOptions, StopOptions, WaitCondition};
use crate::clock::UnixNanos;
use crate::error::{Error, Result};

pub(super) struct Query<'a>(pub(super) &'a Request);

impl Query<'_> {
    pub(super) fn text(&self, name: &str) -> &str {
        self.0.query.get(name).map_or("", String::as_str)
    }

    /// Source: `BoolValue`.
    pub(super) fn on(&self, name: &str) -> bool {
        let value = self.text(name).trim().to_ascii_lowercase();
        !matches!(value.as_str(), "" | "0" | "no" | "false" | "none")
    }

    pub(super) fn on_by_default(&self, name: &str) -> bool {
        !self.0.query.contains_key(name) || self.on(name)
    }

    pub(super) fn number<T: std::str::FromStr>(&self, name: &str) -> Result<Option<T>> {
        match self.text(name) {
            "" => Ok(None),
            text => text.parse().map(Some).map_err(|_bad| {
                Error::internal(format!("strconv.Atoi: parsing \"{text}\": invalid syntax"))
            }),
        }
    }

    pub(super) fn stop(&self) -> Result<StopOptions> {
        Ok(StopOptions {
            signal: Some(self.text("signal").to_owned()).filter(|s| !s.is_empty()),
            timeout: self.number("t")?,
        })
    }

    /// An instant.
    fn instant(&self, name: &str) -> Result<Option<UnixNanos>> {
        match self.text(name) {
            "" => Ok(None),
            text => instant(text).map(Some),
        }
    }

    pub(super) fn logs(&self) -> Result<LogsOptions> {
        Ok(LogsOptions {
            stdout: self.on("stdout"),
            stderr: self.on("stderr"),
            follow: self.on("follow"),
            timestamps: self.on("timestamps"),
            details: self.on("details"),
            // Whatever is no number is all of it.
            tail: self.text("tail").parse().ok(),
            since: self.instant("since")?,
            until: self.instant("until")?,
        })
    }

    pub(super) fn events(&self) -> Result<EventsOptions> {
        Ok(EventsOptions {
            since: self.instant("since")?,
            until: self.instant("until")?,
            sent: ["since", "until"].map(|name| self.text(name).to_owned()),
            filters: self.filters()?,
        })
    }

    pub(super) fn condition(&self) -> Result<WaitCondition> {
        match self.text("condition") {
            "" | "not-running" => Ok(WaitCondition::NotRunning),
            "next-exit" => Ok(WaitCondition::NextExit),
            "removed" => Ok(WaitCondition::Removed),
            other => Err(Error::invalid(format!("invalid condition: \"{other}\""))),
        }
    }

    /// Height and width of a terminal.
    pub(super) fn size(&self) -> Result<(u32, u32)> {
        let side = |name: &str, what: &str| {
            let text = self.text(name);
            text.parse().map_err(|_bad| {
                Error::invalid(format!("invalid resize {what} \"{text}\": invalid syntax"))
            })
        };
        Ok((side("h", "height")?, side("w", "width")?))
    }

    /// Both forms: values in a list, and the older one, values as names of what is true.
    pub(super) fn filters(&self) -> Result<Filters> {
        #[derive(serde::Deserialize)]
        #[serde(untagged)]
        enum Values {
            List(Vec<String>),
            Set(SortedMap<String, bool>),
        }
        let text = self.text("filters");
        if text.is_empty() {
            return Ok(Filters::default());
        }
        let read: Result<SortedMap<String, Values>, _> = serde_json::from_str(text);
        let read = read.map_err(|_bad| Error::invalid("invalid filter"))?;
        let plain = |(name, values): (String, Values)| match values {
            Values::List(list) => (name, list),
            Values::Set(set) => {
                let set = set.into_iter().filter(|(_, on)| *on);
                (name, set.map(|(value, _)| value).collect())
            }
        };
        Ok(read.into_iter().map(plain).collect())
    }
}

/// Reads seconds since 1970, and what follows their point. Source: moby `api/types/time/timestamp.go`, `parseTimestamp`.
fn instant(text: &str) -> Result<UnixNanos> {
    let whole = |text: &str| {
        text.parse::<i64>().map_err(|_bad| {
            Error::internal(format!(
                "strconv.ParseInt: parsing \"{text}\": invalid syntax"
            ))
        })
    };
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, ""));
    let seconds = whole(seconds)?;
    let nanos = match fraction {
        "" => 0,
        digits => whole(&format!("{digits:0<9.9}"))?,
    };
    Ok(seconds.saturating_mul(1_000_000_000).saturating_add(nanos))
}

#[cfg(test)]
mod tests {
    use super::instant;

    #[test]
    fn instants_are_seconds_with_what_follows_their_point() {
        assert_eq!(instant("12").unwrap(), 12_000_000_000);
        assert_eq!(instant("12.5").unwrap(), 12_500_000_000);
        assert_eq!(instant("1.000000001").unwrap(), 1_000_000_001);
        let why = instant("x").unwrap_err().to_string();
        assert_eq!(why, "strconv.ParseInt: parsing \"x\": invalid syntax");
    }
}
