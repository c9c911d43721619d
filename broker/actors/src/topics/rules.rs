//! Which topics an agent follows.

use crate::Refusal;
use crate::listing::matches;

/// How many rules an agent may have: each of them may be tried on each message.
pub const RULES_MAX: usize = 100;
/// The longest pattern in bytes.
pub const PATTERN_BYTES_MAX: usize = 256;

/// To follow what matches, or not to.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Rule {
    follow: bool,
    pattern: Box<[u8]>,
}

/// Rules in the order given. The last one that matches a topic decides; without any, it is followed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rules(Vec<Rule>);

impl Rules {
    /// Whether a topic is followed.
    pub fn follow(&self, topic: &[u8]) -> bool {
        self.0
            .iter()
            .rev()
            .find(|rule| matches(&rule.pattern, topic))
            .is_none_or(|rule| rule.follow)
    }

    /// Whether every topic is followed because nothing else was ever said.
    pub fn is_default(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds a rule behind the others; those that no longer matter are dropped: the same pattern's, and
    /// all where it is `*`.
    ///
    /// # Errors
    /// If there would be more than [`RULES_MAX`], or the pattern is longer than [`PATTERN_BYTES_MAX`].
    pub fn add(&mut self, follow: bool, pattern: &[u8]) -> Result<(), Refusal> {
        if pattern.len() > PATTERN_BYTES_MAX {
            let text = format!("a topic pattern has at most {PATTERN_BYTES_MAX} bytes");
            return Err(Refusal::Custom("ERR", text.into()));
        }
        self.0.retain(|rule| pattern != b"*" && *rule.pattern != *pattern);
        let says_nothing_new = follow && self.0.is_empty();
        if says_nothing_new {
            return Ok(());
        }
        if self.0.len() == RULES_MAX {
            let text = format!(
                "an agent has at most {RULES_MAX} rules; FOLLOW or UNFOLLOW '*' drops them"
            );
            return Err(Refusal::Custom("ERR", text.into()));
        }
        self.0.push(Rule { follow, pattern: pattern.into() });
        Ok(())
    }

    /// The rules as they are shown: `+` or `-` and the pattern, beginning with the one for all.
    pub fn shown(&self) -> Vec<Vec<u8>> {
        let for_all = self.0.first().is_some_and(|first| *first.pattern == *b"*");
        let default = (!for_all).then(|| b"+*".to_vec());
        let sign = |rule: &Rule| if rule.follow { b"+" } else { b"-" };
        let own = self.0.iter().map(|rule| [&sign(rule)[..], &rule.pattern].concat());
        default.into_iter().chain(own).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rules(given: &[&str]) -> Rules {
        let mut rules = Rules::default();
        for rule in given {
            rules.add(rule.starts_with('+'), &rule.as_bytes()[1..]).expect("few rules");
        }
        rules
    }

    fn shown(rules: &Rules) -> Vec<String> {
        rules.shown().iter().map(|rule| String::from_utf8_lossy(rule).into_owned()).collect()
    }

    #[test]
    fn the_last_rule_that_matches_decides() {
        assert!(rules(&[]).follow(b"anything"));
        let only = rules(&["-*", "+find*"]);
        assert!(only.follow(b"findings") && !only.follow(b"agents"));
        let but = rules(&["-find*", "+findings"]);
        assert!(but.follow(b"findings") && !but.follow(b"finder") && but.follow(b"agents"));
    }

    #[test]
    fn rules_that_no_longer_matter_are_dropped() {
        assert_eq!(shown(&rules(&[])), ["+*"]);
        assert_eq!(shown(&rules(&["+a"])), ["+*"]);
        assert_eq!(shown(&rules(&["-a", "+b", "+a"])), ["+*", "+b", "+a"]);
        assert_eq!(shown(&rules(&["-a", "-b", "-*", "+c"])), ["-*", "+c"]);
        assert_eq!(shown(&rules(&["-*", "+c", "+*"])), ["+*"]);
    }

    #[test]
    fn there_is_a_limit() {
        let mut all = Rules::default();
        for number in 0..RULES_MAX {
            assert_eq!(all.add(false, number.to_string().as_bytes()), Ok(()));
        }
        assert!(all.add(false, b"one more").is_err());
        assert_eq!(all.add(true, b"7"), Ok(()), "it takes the place of another");
        assert!(all.add(true, &[b'x'; PATTERN_BYTES_MAX + 1]).is_err());
        assert_eq!(all.add(true, b"*"), Ok(()));
        assert!(all.is_default());
    }

    proptest! {
        /// The model: all rules ever given, none dropped.
        #[test]
        fn behaves_as_all_rules_ever_given(
            given in prop::collection::vec((any::<bool>(), "[*ab]{1,2}"), 0..12),
        ) {
            let mut all = Rules::default();
            for (follow, pattern) in &given {
                all.add(*follow, pattern.as_bytes()).expect("few rules");
            }
            for topic in ["a", "b", "ab", "ba", "bb", "c"] {
                let last = given.iter().rev().find(|(_, pattern)| {
                    matches(pattern.as_bytes(), topic.as_bytes())
                });
                prop_assert_eq!(all.follow(topic.as_bytes()), last.is_none_or(|rule| rule.0));
            }
        }
    }
}
