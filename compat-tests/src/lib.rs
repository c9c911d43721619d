//! ClawLink beside the real `redis-server`: the same bytes in, the same bytes out.
//!
//! Nobody writes down what a plain Redis command should answer: a transcript is sent to both
//! servers and their replies have to be equal, byte for byte, under RESP2 and RESP3. Only the
//! `CLAW.*` commands, which Redis does not have, stand with their expected replies.
//!
//! Reading order: [`server`] starts and stops the two servers, [`client`] is a client that
//! knows nothing of commands, [`program`] runs other programs beside a server and [`language`]
//! knows how those of each language are run, [`reply`] finds where a reply ends and what it holds,
//! [`transcript`] reads, runs and compares the files in `transcripts/`,
//! [`walk`] makes up commands from the grammar in `walks/`.

pub mod binary;
pub mod client;
pub mod language;
pub mod program;
pub mod random;
pub mod reply;
pub mod server;
pub mod transcript;
pub mod wait;
pub mod walk;
mod words;
