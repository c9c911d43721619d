//! Spans of time as they are typed.

use std::fmt;
use std::str::FromStr;

/// A number of seconds, with decimals if need be; never negative.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Seconds(f64);

impl FromStr for Seconds {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let seconds = text.parse().ok().filter(|seconds: &f64| seconds.is_finite());
        let seconds = seconds.filter(|seconds| *seconds >= 0.0);
        seconds.map(Self).ok_or("a number of seconds, such as 30 or 0.5")
    }
}

impl fmt::Display for Seconds {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

#[cfg(test)]
mod tests {
    use super::Seconds;

    #[test]
    fn spans_are_passed_on_as_typed() {
        for text in ["0", "30", "0.5"] {
            assert_eq!(text.parse::<Seconds>().map(|seconds| seconds.to_string()), Ok(text.into()));
        }
        for bad in ["-1", "soon", "", "inf", "NaN"] {
            assert!(bad.parse::<Seconds>().is_err(), "{bad}");
        }
    }
}
