//! What can be typed: the global flags, and the list of verbs. Each verb's own flags stand with it.

use clap::{Args, Parser, Subcommand};

use crate::relay::{self, Relay};
use crate::verbs::{
    acknowledge::Ack,
    answer::Answer,
    awaiting::Await,
    broadcast::Broadcast,
    bury::Bury,
    cancel::Cancel,
    completions::Completions,
    dead::Dead,
    delegate::Delegate,
    demo::Demo,
    discover::Discover,
    file_del::FileDel,
    file_diff::FileDiff,
    file_get::FileGet,
    file_list::FileList,
    file_lock::FileLock,
    file_locks::FileLocks,
    file_log::FileLog,
    file_move::FileMove,
    file_put::FilePut,
    file_restore::FileRestore,
    file_unlock::FileUnlock,
    file_watch::FileWatch,
    flush::Flush,
    follow::{Follow, Unfollow},
    gather::Gather,
    heartbeat::Heartbeat,
    history::History,
    identify::Identify,
    info::Info,
    peek::Peek,
    poll::Poll,
    progress::Progress,
    register::Register,
    release::Release,
    requeue::Requeue,
    respond::Respond,
    search::Search,
    task::Task,
    tasks::Tasks,
    topics::Topics,
    touch::Touch,
    unregister::Unregister,
    watch::Watch,
};

/// Agents find each other, hand each other tasks, broadcast what they learn and share files.
#[derive(Debug, Parser)]
#[command(name = "clawlink", version, after_help = crate::exit::HELP, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) globals: Globals,
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

/// The flags of every verb.
#[derive(Debug, Args)]
#[command(next_help_heading = "Options of every verb")]
pub(crate) struct Globals {
    /// The broker: HOST:PORT, `redis://[USER:TOKEN@]HOST:PORT`, http://HOST:PORT or unix:///PATH
    #[arg(long, global = true, value_name = "URL", env = "CLAWLINK_RELAY", default_value = relay::DEFAULT)]
    pub(crate) relay: Relay,
    /// The broker's token, if it asks for one
    #[arg(long, global = true, env = "CLAWLINK_TOKEN", hide_env_values = true)]
    pub(crate) token: Option<String>,
    /// Act as this agent: needed when several are registered from here
    #[arg(long = "as", global = true, value_name = "AGENT", env = "CLAWLINK_AGENT")]
    pub(crate) agent: Option<String>,
    /// Print JSON, as docs/cli.md describes it; errors too, on standard error
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

/// The verbs, in the order that a newcomer meets them.
#[derive(Debug, Subcommand)]
#[command(disable_help_subcommand = true)]
pub(crate) enum Verb {
    Register(Register),
    Identify(Identify),
    Discover(Discover),
    Delegate(Box<Delegate>),
    Poll(Poll),
    Watch(Watch),
    Peek(Peek),
    Respond(Respond),
    Progress(Progress),
    Touch(Touch),
    Release(Release),
    Ack(Ack),
    Await(Await),
    Gather(Gather),
    Answer(Answer),
    Cancel(Cancel),
    Task(Task),
    Tasks(Tasks),
    Dead(Dead),
    Requeue(Requeue),
    Bury(Bury),
    Broadcast(Broadcast),
    History(History),
    Topics(Topics),
    Follow(Follow),
    Unfollow(Unfollow),
    Search(Search),
    FilePut(FilePut),
    FileGet(FileGet),
    FileList(FileList),
    FileLog(FileLog),
    FileDel(FileDel),
    FileMove(FileMove),
    FileRestore(FileRestore),
    FileDiff(FileDiff),
    FileLock(FileLock),
    FileUnlock(FileUnlock),
    FileLocks(FileLocks),
    FileWatch(FileWatch),
    Heartbeat(Heartbeat),
    Unregister(Unregister),
    Info(Info),
    Flush(Flush),
    Demo(Demo),
    Completions(Completions),
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::Cli;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_verb_and_flag_is_explained() {
        for verb in Cli::command().get_subcommands() {
            assert!(verb.get_about().is_some(), "{}", verb.get_name());
            for flag in verb.get_arguments() {
                assert!(flag.get_help().is_some(), "{} {}", verb.get_name(), flag.get_id());
            }
        }
    }
}
