//! Job libraries as their registries have them, with workers in other processes, on the broker
//! and on the real Redis: here a file for each library, in `programs/jobs` a folder for each.

use clawlink_compat_tests::program::{Program, node, python_jobs, script};
use clawlink_compat_tests::server::Server;

/// Each scene as two tests: what it demands is what the real Redis does.
macro_rules! on_both {
    ($($scene:ident)*) => {
        $(mod $scene {
            use clawlink_compat_tests::server::Server;

            #[test]
            fn on_clawlink() {
                super::$scene(&Server::clawlink().unwrap());
            }

            #[test]
            fn on_redis() {
                super::$scene(&Server::redis().unwrap());
            }
        })*
    };
}

mod arq;
mod bee_queue;
mod bull;
mod bullmq;
mod celery;
mod dramatiq;
mod huey;
mod node_resque;
mod redlock;
mod rq;
mod sidekiq;

/// What a story of a Python library tells.
fn python_story(library: &str, name: &'static str, server: &Server) -> String {
    let path = format!("compat-tests/programs/jobs/{library}/{name}.py");
    Program::start(name, script(python_jobs("python"), &path), server).finish()
}

/// What a story of a Node library tells.
fn node_story(library: &str, name: &'static str, server: &Server) -> String {
    let command = node(&format!("compat-tests/programs/jobs/{library}/{name}.cjs"));
    Program::start(name, command, server).finish()
}
