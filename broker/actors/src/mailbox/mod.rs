//! Placeholder until its family lands.
use crate::Command;
use crate::call::Env;
use crate::command::{Run, Runs};
use crate::owner::State;
/// Families.
pub const COMMANDS: &[&[&Command]] = &[];
/// State.
#[derive(Debug, Default)]
pub struct Mailbox {}
/// Notices.
#[derive(Debug)]
pub enum Notice {}
impl State for Mailbox {
    type Notice = Notice;
    fn run(runs: &Runs) -> Option<Run<Self>> { runs.mailbox }
    fn notice(&mut self, notice: Notice, _now: u64, _env: &mut Env) { match notice {} }
}
impl Mailbox {
    /// Placeholder.
    pub fn new(_name: std::sync::Arc<[u8]>, _gauge: std::sync::Arc<crate::directory::Gauge>) -> Self { Self {} }
}
