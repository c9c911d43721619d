//! Scripts that stand behind each other in a pipeline: they run in one visit to the keyspace.

use clawlink_actors::owner::now_ms;
use clawlink_actors::{Pipeline, Reply};

use super::Connection;
use crate::accounting::Ran;
use crate::commands;
use crate::scripts::{Ended, Neighbours};

impl Connection {
    /// Runs scripts that need nothing but the keyspace. Answers where the requests behind them begin.
    pub(super) async fn run_scripts(
        &mut self,
        pipeline: &Pipeline,
        from: usize,
        scripts: Neighbours,
    ) -> usize {
        self.session.now = now_ms();
        let end = from + scripts.len();
        let ended = scripts.run(&mut self.session).await;
        for (index, Ended { outcome, time_ns }) in (from..).zip(ended) {
            let args = pipeline.request(index);
            let reply = Reply::from(outcome);
            if let Some(edge) = commands::find(args.word(0), b"") {
                let command = &edge.command;
                self.session.account_one(&Ran { command, args, reply: &reply, time_ns });
                self.session.show_command(Some(command));
            }
            self.answer([reply], true);
        }
        end
    }
}
