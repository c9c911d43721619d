//! The flags of `clawlinkd`, each also an environment variable and a line of the configuration file.

use std::net::IpAddr;
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Parser;
use clap::builder::BoolishValueParser;
use clawlink_actors::key_events::Classes;
use serde::{Deserialize, Deserializer};

use crate::config::{Config, DebugAccess};

/// A message broker for AI agents. Speaks the Redis protocol, keeps everything in memory, writes nothing to disk.
///
/// Every flag can also be given as an environment variable (CLAWLINKD_PORT, …) and as a line of a TOML
/// file (port = 9077). A flag beats the environment, and the environment beats the file.
#[derive(Debug, Default, Parser, Deserialize)]
#[command(name = "clawlinkd", version)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Flags {
    /// A TOML file with any of these settings
    #[arg(long, env = "CLAWLINKD_CONFIG", value_name = "FILE")]
    #[serde(skip)]
    pub config: Option<PathBuf>,

    /// Addresses to listen on, comma-separated [default: 127.0.0.1, and ::1 where there is IPv6].
    /// Anything beyond loopback needs a token
    #[arg(long, env = "CLAWLINKD_HOST", value_name = "IP", value_delimiter = ',')]
    pub host: Option<Vec<IpAddr>>,

    /// The port; 0 picks a free one [default: 9077]
    #[arg(long, env = "CLAWLINKD_PORT")]
    pub port: Option<u16>,

    /// Listen on this Unix socket too
    #[arg(long, env = "CLAWLINKD_UNIX_SOCKET", value_name = "PATH")]
    pub unix_socket: Option<PathBuf>,

    /// The token that clients must give with AUTH. Better set in the environment or the file: others
    /// on this machine can read command lines
    #[arg(long, env = "CLAWLINKD_TOKEN", hide_env_values = true)]
    pub token: Option<String>,

    /// Let only connections that have shown an agent's key act as agents and reach inboxes, and each only
    /// its own [default: no]
    #[arg(long, env = "CLAWLINKD_REQUIRE_IDENTITY", value_name = "YES|NO", num_args = 0..=1,
        require_equals = true, default_missing_value = "yes", value_parser = BoolishValueParser::new())]
    pub require_identity: Option<bool>,

    /// Threads for connections beside the owners' thread [default: 0, which is fastest on few cores]
    #[arg(long, env = "CLAWLINKD_IO_THREADS", value_name = "N")]
    pub io_threads: Option<usize>,

    /// The most connections at a time [default: 10000]
    #[arg(long, env = "CLAWLINKD_MAXCLIENTS", value_name = "N")]
    pub maxclients: Option<usize>,

    /// Refuse writes when this much memory is used, such as 512mb or 4gb [default: 0, no limit]
    #[arg(long, env = "CLAWLINKD_MAX_MEMORY", value_name = "BYTES", value_parser = parse_size)]
    #[serde(default, deserialize_with = "size")]
    pub max_memory: Option<u64>,

    /// Messages in one inbox; a full one refuses [default: 10000]
    #[arg(long, env = "CLAWLINKD_INBOX_MESSAGES_MAX", value_name = "N")]
    pub inbox_messages_max: Option<u64>,

    /// Bytes in one inbox; a full one refuses [default: 64mb]
    #[arg(long, env = "CLAWLINKD_INBOX_BYTES_MAX", value_name = "BYTES", value_parser = parse_size)]
    #[serde(default, deserialize_with = "size")]
    pub inbox_bytes_max: Option<u64>,

    /// Messages that a topic keeps for those who join late [default: 200]
    #[arg(long, env = "CLAWLINKD_TOPIC_MESSAGES_MAX", value_name = "N")]
    pub topic_messages_max: Option<u64>,

    /// Bytes of the largest shared file [default: 64mb]
    #[arg(long, env = "CLAWLINKD_FILE_BYTES_MAX", value_name = "BYTES", value_parser = parse_size)]
    #[serde(default, deserialize_with = "size")]
    pub file_bytes_max: Option<u64>,

    /// Versions of a shared file that are kept [default: 100]
    #[arg(long, env = "CLAWLINKD_FILE_VERSIONS_MAX", value_name = "N")]
    pub file_versions_max: Option<u64>,

    /// Seconds without a sign of life after which an agent is stale [default: 120]
    #[arg(long, env = "CLAWLINKD_STALE_SECONDS", value_name = "SECONDS")]
    pub stale_seconds: Option<u64>,

    /// Seconds for which a polled task is leased [default: 600]
    #[arg(long, env = "CLAWLINKD_LEASE_SECONDS", value_name = "SECONDS")]
    pub lease_seconds: Option<u64>,

    /// Publish what becomes of keys: Redis's letters, such as KEA [default: nothing]
    #[arg(long, env = "CLAWLINKD_NOTIFY_KEYSPACE_EVENTS", value_name = "LETTERS", value_parser = check_events)]
    #[serde(default, deserialize_with = "events")]
    pub notify_keyspace_events: Option<Classes>,

    /// Who may use the DEBUG command: no, local or yes [default: no]
    #[arg(long, env = "CLAWLINKD_ENABLE_DEBUG_COMMAND", value_enum, value_name = "WHO")]
    pub enable_debug_command: Option<DebugAccess>,

    /// What is logged to standard error: error, warn, info, debug, or a filter such as
    /// clawlink_broker=debug. Never a token, never what agents say [default: warn]
    #[arg(long, env = "CLAWLINKD_LOG", value_name = "FILTER")]
    pub log: Option<String>,

    /// Do not greet
    #[arg(long, short, env = "CLAWLINKD_QUIET")]
    #[serde(default)]
    pub quiet: bool,
}

/// Takes a field from the flags, else from the file.
macro_rules! fill {
    ($flags:ident, $file:ident, $($field:ident)*) => { Flags {
        config: $flags.config,
        quiet: $flags.quiet || $file.quiet,
        $($field: $flags.$field.or($file.$field),)*
    } };
}

impl Flags {
    /// The flags and the environment, completed from the file that they name.
    ///
    /// # Errors
    /// If the file cannot be read, or says something that is not a setting.
    pub fn read() -> Result<Self> {
        let flags = Self::parse();
        let Some(path) = flags.config.clone() else {
            return Ok(flags);
        };
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        let file: Self = toml::from_str(&text).with_context(|| path.display().to_string())?;
        Ok(fill!(flags, file,
            host port unix_socket token require_identity io_threads maxclients max_memory
            inbox_messages_max inbox_bytes_max topic_messages_max file_bytes_max file_versions_max
            stale_seconds lease_seconds notify_keyspace_events enable_debug_command log))
    }

    /// The broker's settings.
    pub fn config(self) -> Config {
        let default = Config::default();
        let config = Config {
            hosts: self.host.unwrap_or_default(),
            port: self.port.unwrap_or(default.port),
            unix_socket: self.unix_socket,
            token: self.token,
            io_threads: self.io_threads.unwrap_or(default.io_threads),
            maxclients: self.maxclients.unwrap_or(default.maxclients),
            max_memory: self.max_memory.unwrap_or(default.max_memory),
            memory_meter: default.memory_meter,
            enable_debug_command: self.enable_debug_command.unwrap_or(default.enable_debug_command),
            limits: default.limits,
        };
        let limits = &config.limits;
        limits.require_identity.set(self.require_identity.unwrap_or(false));
        for (limit, value) in [
            (&limits.inbox_messages_max, self.inbox_messages_max),
            (&limits.inbox_bytes_max, self.inbox_bytes_max),
            (&limits.topic_messages_max, self.topic_messages_max),
            (&limits.file_bytes_max, self.file_bytes_max),
            (&limits.file_versions_max, self.file_versions_max),
            (
                &limits.agent_stale_ms,
                self.stale_seconds.map(|seconds| seconds.saturating_mul(1000)),
            ),
            (&limits.lease_s, self.lease_seconds),
            (&limits.key_events, self.notify_keyspace_events.map(Classes::bits)),
        ] {
            if let Some(value) = value {
                limit.set(value);
            }
        }
        config
    }
}

/// A size in bytes: a number, or one with `kb`, `mb` or `gb` (powers of 1024, as in Redis), in any case.
///
/// # Errors
/// If it is neither.
pub fn parse_size(text: &str) -> Result<u64, String> {
    let lower = text.trim().to_ascii_lowercase();
    let digits = lower.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit: u64 = match &lower[digits.len()..] {
        "" | "b" => 1,
        "k" | "kb" => 1 << 10,
        "m" | "mb" => 1 << 20,
        "g" | "gb" => 1 << 30,
        unit => return Err(format!("unknown unit '{unit}': use kb, mb or gb")),
    };
    let number: u64 = digits.parse().map_err(|_| format!("'{text}' is not a size such as 64mb"))?;
    number.checked_mul(unit).ok_or_else(|| format!("'{text}' is too large"))
}

/// Letters of classes of key events.
///
/// # Errors
/// If one of them stands for no class.
fn check_events(letters: &str) -> Result<Classes, String> {
    Classes::parse(letters.as_bytes())
        .ok_or_else(|| "letters are A g $ l s h z x e t d n m, K and E".into())
}

/// Such letters in the file.
fn events<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Classes>, D::Error> {
    let letters = String::deserialize(deserializer)?;
    check_events(&letters).map(Some).map_err(serde::de::Error::custom)
}

/// A size in the file: a number of bytes or a text with a unit.
fn size<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Size {
        Bytes(u64),
        Text(String),
    }
    match Size::deserialize(deserializer)? {
        Size::Bytes(bytes) => Ok(Some(bytes)),
        Size::Text(text) => parse_size(&text).map(Some).map_err(serde::de::Error::custom),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::{Classes, Flags, parse_size};

    #[test]
    fn sizes_have_units() {
        assert_eq!(parse_size("1024"), Ok(1024));
        assert_eq!(parse_size("64MB"), Ok(64 << 20));
        assert_eq!(parse_size("2g"), Ok(2 << 30));
        assert!(parse_size("many").is_err() && parse_size("1tb").is_err());
        assert!(parse_size("99999999999gb").is_err());
    }

    #[test]
    fn the_file_knows_the_same_settings() {
        let file: Flags =
            toml::from_str("port = 1\nmax-memory = \"1mb\"\nhost = [\"::1\"]").unwrap();
        assert_eq!((file.port, file.max_memory), (Some(1), Some(1 << 20)));
        assert!(toml::from_str::<Flags>("prot = 1").is_err(), "a misspelt setting is refused");
    }

    #[test]
    fn a_rule_is_put_in_force_by_its_flag_alone_or_with_a_word() {
        let read = |args: &[&str]| {
            let args = ["clawlinkd"].iter().chain(args);
            Flags::try_parse_from(args).map(|flags| flags.require_identity).ok()
        };
        assert_eq!(read(&[]), Some(None));
        assert_eq!(read(&["--require-identity"]), Some(Some(true)));
        assert_eq!(read(&["--require-identity=no"]), Some(Some(false)));
        assert_eq!(read(&["--require-identity=perhaps"]), None);
        let file: Flags = toml::from_str("require-identity = true").unwrap();
        assert!(file.config().limits.require_identity.holds());
    }

    #[test]
    fn key_events_are_chosen_by_letters() {
        let told =
            |flags: Flags| Classes::from_bits(flags.config().limits.key_events.get()).letters();
        let flags = Flags::try_parse_from(["clawlinkd", "--notify-keyspace-events", "lK"]);
        assert_eq!(flags.map(told).ok().as_deref(), Some("lK"));
        let file: Result<Flags, _> = toml::from_str("notify-keyspace-events = \"KEA\"");
        assert_eq!(file.map(told).ok().as_deref(), Some("AKE"));
        assert!(Flags::try_parse_from(["clawlinkd", "--notify-keyspace-events", "q"]).is_err());
        assert!(toml::from_str::<Flags>("notify-keyspace-events = \"q\"").is_err());
    }

    #[test]
    fn the_flags_are_well_formed() {
        use clap::CommandFactory;
        Flags::command().debug_assert();
    }
}
