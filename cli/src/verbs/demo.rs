//! stub
use crate::exit::Exit;
use crate::failure::Failure;
use crate::session::Session;
use clap::Args;
/// Start a broker in this process and play a collaboration of three agents
#[derive(Debug, Args)]
pub(crate) struct Demo {}
impl Demo {
    pub(crate) fn run(self, _session: &Session) -> Result<Exit, Failure> {
        Ok(Exit::Ok)
    }
}
