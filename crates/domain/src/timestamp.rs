//! Points in time.

use std::{fmt, time::Duration};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _, ser::Error as _};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::schema::text_schema;

/// A point in time in milliseconds since 1970 (UTC). In JSON it is RFC 3339 to the second: `2026-11-22T22:57:01Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The time `millis` milliseconds after the start of 1970.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// The time that an RFC 3339 text such as `2026-11-22T22:57:01Z` says, to the second.
    pub fn parse(text: &str) -> Option<Self> {
        let at = OffsetDateTime::parse(text, &Rfc3339).ok()?;
        Some(Self(at.unix_timestamp().saturating_mul(1000)))
    }

    /// What its JSON says: `2026-11-22T22:57:01Z`. A year that RFC 3339 has no room for can't be said.
    pub fn rfc_3339(self) -> Option<String> {
        let at = OffsetDateTime::from_unix_timestamp(self.as_seconds()).ok()?;
        at.format(&Rfc3339).ok()
    }

    /// Milliseconds since the start of 1970.
    pub fn as_millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since the start of 1970, the unit of a table's time-to-live.
    pub fn as_seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// The start of the second it lies in: what its JSON says.
    pub fn to_second(self) -> Self {
        Self(self.as_seconds() * 1000)
    }

    /// The time `duration` later.
    pub fn plus(self, duration: Duration) -> Self {
        let millis = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        Self(self.0.saturating_add(millis))
    }

    /// How long it is since `earlier`; no time at all if that is later.
    pub fn since(self, earlier: Self) -> Duration {
        let millis = self.0.saturating_sub(earlier.0);
        Duration::from_millis(u64::try_from(millis).unwrap_or_default())
    }

    /// The day it lies in, in UTC.
    pub fn day(self) -> Day {
        Day(self.0.div_euclid(Day::MILLIS))
    }
}

/// For people: `2026-11-22 22:57 UTC`.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.as_seconds();
        let Ok(at) = OffsetDateTime::from_unix_timestamp(seconds) else {
            return write!(f, "{seconds} s after 1970");
        };
        let (year, month, day) = (at.year(), u8::from(at.month()), at.day());
        let (hour, minute) = (at.hour(), at.minute());
        write!(f, "{year:04}-{month:02}-{day:02} {hour:02}:{minute:02} UTC")
    }
}

text_schema!(Timestamp, "format": "date-time", "examples": ["2026-11-22T22:57:01Z"]);

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = self.rfc_3339();
        let text = text.ok_or_else(|| S::Error::custom("no time that RFC 3339 can say"))?;
        serializer.serialize_str(&text)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| D::Error::custom("not an RFC 3339 time"))
    }
}

/// A day in UTC, counted from the first day of 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(i64);

impl Day {
    const MILLIS: i64 = 86_400_000;

    /// The day with this number, counted from the first day of 1970.
    pub const fn from_number(number: i64) -> Self {
        Self(number)
    }

    /// The day before.
    pub fn before(self) -> Self {
        Self(self.0 - 1)
    }

    /// Its number, counted from the first day of 1970.
    pub fn number(self) -> i64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_rfc_3339_to_the_second() {
        let at = Timestamp::from_millis(1_795_388_221_999);
        assert_eq!(
            serde_json::to_string(&at).unwrap(),
            "\"2026-11-22T22:57:01Z\""
        );
        assert_eq!(at.rfc_3339().as_deref(), Some("2026-11-22T22:57:01Z"));
        let read: Timestamp = serde_json::from_str("\"2026-11-22T22:57:01Z\"").unwrap();
        assert_eq!(read, at.to_second());
        assert_eq!(
            Timestamp::parse("2026-11-23T00:57:01.9+02:00"),
            Some(at.to_second())
        );
        assert_eq!(Timestamp::parse("yesterday"), None);
    }

    #[test]
    fn people_read_a_time_to_the_minute() {
        let shown = |millis| Timestamp::from_millis(millis).to_string();
        assert_eq!(shown(1_795_388_221_999), "2026-11-22 22:57 UTC");
        assert_eq!(shown(0), "1970-01-01 00:00 UTC");
        assert!(shown(i64::MAX).ends_with(" s after 1970"));
    }

    #[test]
    fn nothing_is_since_what_is_still_to_come() {
        let (early, late) = (Timestamp::from_millis(1_000), Timestamp::from_millis(3_500));
        assert_eq!(late.since(early), Duration::from_millis(2_500));
        assert_eq!(early.since(late), Duration::ZERO);
        let ever = Timestamp::from_millis(i64::MAX).since(Timestamp::from_millis(i64::MIN));
        assert_eq!(ever.as_millis(), i64::MAX as u128);
    }

    #[test]
    fn days_are_counted() {
        let day = Day::from_number(20_779);
        assert_eq!(day.number(), 20_779);
        assert_eq!(day.before(), Day::from_number(20_778));
    }

    #[test]
    fn times_out_of_range_are_errors_not_panics() {
        assert!(serde_json::to_string(&Timestamp::from_millis(i64::MAX)).is_err());
        assert_eq!(Timestamp::from_millis(i64::MAX).rfc_3339(), None);
        assert!(serde_json::from_str::<Timestamp>("\"yesterday\"").is_err());
        assert_eq!(
            Timestamp::from_millis(i64::MAX)
                .plus(Duration::MAX)
                .as_millis(),
            i64::MAX
        );
    }
}
