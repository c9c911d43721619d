//! Placeholder until its family lands.
use crate::Command;
use crate::call::Env;
use crate::command::{Run, Runs};
use crate::owner::State;
/// Families.
pub const COMMANDS: &[&[&Command]] = &[];
/// State.
#[derive(Debug, Default)]
pub struct Files {}
/// Notices.
#[derive(Debug)]
pub enum Notice {}
impl State for Files {
    type Notice = Notice;
    fn run(runs: &Runs) -> Option<Run<Self>> { runs.files }
    fn notice(&mut self, notice: Notice, _now: u64, _env: &mut Env) { match notice {} }
}
