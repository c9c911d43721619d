//! A broker that knows nothing but its lines.

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

use super::reply::{Reply, bulk, int, map};

/// What the broker does on the next command.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    Answer(Reply),
    /// Closes the connection without an answer.
    HangUp,
}

impl From<Reply> for Act {
    fn from(reply: Reply) -> Self {
        Self::Answer(reply)
    }
}

/// A command's words, lossily as text.
pub(crate) type Words = Vec<String>;

/// A scripted broker: answers the handshake by itself, an agent's key included, and every other command with the next
/// act.
pub(crate) struct Broker {
    addr: SocketAddr,
    over: Arc<AtomicBool>,
    thread: JoinHandle<(Vec<Words>, usize)>,
}

impl Broker {
    /// A broker with these lines; it takes connections one after the other.
    pub(crate) fn with<A: Into<Act>>(acts: impl IntoIterator<Item = A>) -> Self {
        let hello = map([("server", bulk("clawlink")), ("proto", int(3))]);
        let identified = map([("agent_id", bulk("bob")), ("queued", int(0))]);
        Self::start(hello, identified, acts.into_iter().map(Into::into).collect())
    }

    /// A broker with these lines that answers every key so.
    pub(crate) fn judging<A: Into<Act>>(key: Reply, acts: impl IntoIterator<Item = A>) -> Self {
        let hello = map([("server", bulk("clawlink")), ("proto", int(3))]);
        Self::start(hello, key, acts.into_iter().map(Into::into).collect())
    }

    /// A broker that refuses every connection with this error.
    pub(crate) fn refusing(error: &str) -> Self {
        let refusal = Reply::Error(error.to_owned());
        Self::start(refusal.clone(), refusal, VecDeque::new())
    }

    fn start(hello: Reply, identified: Reply, acts: VecDeque<Act>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let addr = listener.local_addr().expect("an address");
        let over = Arc::new(AtomicBool::new(false));
        let mut play = Play { hello, identified, acts, heard: Vec::new() };
        let thread = thread::spawn({
            let over = Arc::clone(&over);
            move || {
                for stream in listener.incoming() {
                    if over.load(Ordering::SeqCst) {
                        break;
                    }
                    // A client that vanishes in the middle is part of some plays.
                    let _ = play.serve(stream.expect("a connection"));
                }
                (play.heard, play.acts.len())
            }
        });
        Self { addr, over, thread }
    }

    /// Its address, as `--relay` takes it.
    pub(crate) fn relay(&self) -> String {
        self.addr.to_string()
    }

    /// Ends it. Answers the commands that it heard, without the handshakes.
    ///
    /// # Panics
    /// If some of its lines were not needed.
    pub(crate) fn heard(self) -> Vec<Words> {
        self.over.store(true, Ordering::SeqCst);
        // Wakes the thread out of its wait for a connection.
        drop(TcpStream::connect(self.addr));
        let (heard, left) = self.thread.join().expect("the scripted broker");
        assert_eq!(left, 0, "lines were left over after {heard:?}");
        heard
    }
}

struct Play {
    hello: Reply,
    identified: Reply,
    acts: VecDeque<Act>,
    heard: Vec<Words>,
}

impl Play {
    fn serve(&mut self, mut stream: TcpStream) -> io::Result<()> {
        let mut reader = BufReader::new(stream.try_clone()?);
        while let Some(words) = read_command(&mut reader)? {
            let act = match words[0].as_str() {
                "HELLO" => self.hello.clone().into(),
                "CLAW.IDENTIFY" => self.identified.clone().into(),
                "CLIENT" => Reply::Ok.into(),
                _ => {
                    self.heard.push(words);
                    let silent = || Reply::Error("ERR the script is over".to_owned()).into();
                    self.acts.pop_front().unwrap_or_else(silent)
                }
            };
            let Act::Answer(reply) = act else {
                return Ok(());
            };
            let mut wire = Vec::new();
            reply.encode(&mut wire);
            stream.write_all(&wire)?;
        }
        Ok(())
    }
}

/// Reads one array of bulk strings; `None` when the client has gone.
fn read_command(reader: &mut impl BufRead) -> io::Result<Option<Words>> {
    let Some(words) = read_header(reader, '*')? else {
        return Ok(None);
    };
    let mut command = Vec::with_capacity(words);
    for _ in 0..words {
        let Some(bytes) = read_header(reader, '$')? else {
            return Ok(None);
        };
        let mut word = vec![0; bytes + 2];
        reader.read_exact(&mut word)?;
        command.push(String::from_utf8_lossy(&word[..bytes]).into_owned());
    }
    Ok(Some(command))
}

fn read_header(reader: &mut impl BufRead, mark: char) -> io::Result<Option<usize>> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let number = line.trim_end().strip_prefix(mark).and_then(|number| number.parse().ok());
    Ok(Some(number.unwrap_or_else(|| panic!("no {mark} header: {line:?}"))))
}
