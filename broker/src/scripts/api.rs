//! `redis`: what a script can ask of the broker.

use std::rc::Rc;

use clawlink_actors::command::{self, Command, Flags};
use clawlink_actors::{Args, Composer, Pipeline, Refusal, Reply};
use mlua::{Lua, MultiValue, Result, Table, Value};

use super::MEMORY_BYTES_MAX;
use super::args;
use super::context::{Asked, Context};
use super::engine::{Door, Input, Output};
use super::number::format_g;
use super::script::sha;
use super::{convert, raise};
use crate::commands;
use crate::session::Target;
use crate::wire::refusal_text;

const NO_WORDS: &str = "Please specify at least one argument for this redis lib call";
const BAD_WORDS: &str = "Lua redis lib command arguments must be strings or integers";

/// The library, without the functions that make requests.
pub(super) fn module(lua: &Lua, context: &Rc<Context>) -> Result<Table> {
    let module = lua.create_table()?;
    let add = |name: &str, run: fn(&Lua, MultiValue) -> Result<MultiValue>| {
        module.raw_set(name, lua.create_function(run)?)
    };
    add("log", log)?;
    add("sha1hex", sha1hex)?;
    add("error_reply", error_reply)?;
    add("status_reply", status_reply)?;
    add("set_repl", set_repl)?;
    add("replicate_commands", |_, _| args::one(true))?;
    add("breakpoint", |_, _| args::one(false))?;
    add("debug", |_, _| Ok(MultiValue::new()))?;
    add("acl_check_cmd", |lua, words| {
        let request = request(lua, &words)?;
        let args = request.request(0);
        // A container alone is a command too here.
        let names_container = || args.len() == 1 && container(&args).is_some();
        if resolve(&request).is_none() && !names_container() {
            return Err(raise::table("ERR Invalid command passed to redis.acl_check_cmd()"));
        }
        args::one(true)
    })?;
    let context = context.clone();
    module.raw_set(
        "setresp",
        lua.create_function(move |_, words: MultiValue| {
            if words.len() != 1 {
                return Err(raise::table("ERR redis.setresp() requires one argument."));
            }
            match args::to_number(words.front()).map(args::to_i64) {
                Some(2) => context.resp3.set(false),
                Some(3) => context.resp3.set(true),
                _ => return Err(raise::table("ERR RESP version must be 2 or 3.")),
            }
            Ok(())
        })?,
    )?;
    let numbers = [
        ("LOG_DEBUG", 0),
        ("LOG_VERBOSE", 1),
        ("LOG_NOTICE", 2),
        ("LOG_WARNING", 3),
        ("REPL_NONE", 0),
        ("REPL_AOF", 1),
        ("REPL_SLAVE", 2),
        ("REPL_REPLICA", 2),
        ("REPL_ALL", 3),
    ];
    for (name, number) in numbers {
        module.raw_set(name, number)?;
    }
    module.raw_set("REDIS_VERSION", commands::REDIS_VERSION)?;
    module.raw_set("REDIS_VERSION_NUM", version_number(commands::REDIS_VERSION))?;
    Ok(module)
}

/// A version with a byte for each of its parts.
fn version_number(version: &str) -> u32 {
    version.split('.').fold(0, |number, part| (number << 8) | part.parse().unwrap_or(0))
}

/// While it lives, what is made in Lua has no bound: mlua can make it at a third of the cost. A reply is in memory anyway,
/// and the next thing that the script itself makes meets the bound again.
struct Unbounded<'a>(&'a Lua);

impl<'a> Unbounded<'a> {
    fn begin(lua: &'a Lua) -> Self {
        let _ = lua.set_memory_limit(0);
        Self(lua)
    }
}

impl Drop for Unbounded<'_> {
    fn drop(&mut self) {
        let _ = self.0.set_memory_limit(MEMORY_BYTES_MAX);
    }
}

/// `redis.call` and `redis.pcall`: makes a request. `raises`: whether an error is raised, or a result like others.
pub(super) fn call(
    lua: &Lua,
    context: &Context,
    door: &Door,
    words: &MultiValue,
    raises: bool,
) -> Result<Value> {
    let _unbounded = Unbounded::begin(lua);
    let asked = request(lua, words).and_then(|request| check(context, request));
    if context.is_turn_of_others() {
        context.pause(|| door.suspend(Output::Tick));
    }
    let reply = match asked {
        Ok(asked) => context.run(asked).unwrap_or_else(|asked| ask(context, door, asked)),
        Err(error) if raises => return Err(error),
        Err(error) => return raise::open(lua, Value::Error(Box::new(error))),
    };
    match &reply {
        Reply::Error(refusal) if raises => Err(raise::counted(refusal_text(refusal))),
        reply => convert::to_lua(lua, reply, context.resp3.get()),
    }
}

/// Has a request run that the keyspace cannot run.
fn ask(context: &Context, door: &Door, asked: Asked) -> Reply {
    match context.pause(|| door.suspend(Output::Ask(asked))) {
        Input::Reply(reply, db) => {
            db.into_iter().for_each(|db| context.select(db));
            reply
        }
        _ => Reply::Error(Refusal::Internal),
    }
}

/// The words of a request.
fn request(_lua: &Lua, words: &MultiValue) -> Result<Pipeline> {
    if words.is_empty() {
        return Err(raise::table(format!("ERR {NO_WORDS}")));
    }
    let bytes = words.iter().map(|word| word.as_string().map_or(0, |text| text.as_bytes().len()));
    let mut composer = Composer::with_room(1, words.len(), bytes.sum());
    for word in words {
        match word {
            Value::String(text) => composer.word(&text.as_bytes()),
            Value::Integer(number) if number.unsigned_abs() < 1 << 53 => {
                composer.word(itoa::Buffer::new().format(*number).as_bytes());
            }
            Value::Integer(_) | Value::Number(_) => {
                composer.word(format_g(args::of_number(word), 17).as_bytes());
            }
            _ => return Err(raise::table(format!("ERR {BAD_WORDS}"))),
        }
    }
    composer.close(None);
    let pipeline = composer.finish();
    Ok(pipeline)
}

/// What a request names.
fn resolve(request: &Pipeline) -> Option<Target> {
    let args = request.request(0);
    let owned = command::find(args.word(0), args.word(1));
    if let Some(command) = owned.filter(|command| command.subcommands.is_empty()) {
        return Some(Target::Owner(command));
    }
    commands::find(args.word(0), args.word(1)).map(Target::Edge)
}

/// The command that a request only names together with a subcommand.
fn container(args: &Args<'_>) -> Option<&'static Command> {
    command::find(args.word(0), b"").or_else(|| commands::container(args.word(0)))
}

/// Refuses a request that no script may make, or this one may not.
fn check(context: &Context, mut request: Pipeline) -> Result<Asked> {
    let refuse = |command, text| {
        let refusal = Refusal::Fixed("ERR", text);
        context.note_rejected(command, &refusal);
        raise::counted(refusal_text(&refusal))
    };
    let Some(target) = resolve(&request) else {
        let args = request.request(0);
        return Err(match container(&args).filter(|_| args.len() == 1) {
            Some(container) => {
                let text = "Wrong number of args calling Redis command from script";
                refuse(Some(container), text)
            }
            None => refuse(None, "Unknown Redis command called from script"),
        });
    };
    let command = target.command();
    if !command.takes(request.request(0).len()) {
        let text = "Wrong number of args calling Redis command from script";
        return Err(refuse(Some(command), text));
    }
    if command.flags.has(Flags::NOSCRIPT) {
        return Err(refuse(Some(command), "This Redis command is not allowed from script"));
    }
    let flags = command.flags;
    let (writes, replicates) = (flags.has(Flags::WRITE), flags.has(Flags::MAY_REPLICATE));
    context.check(writes, replicates, flags.has(Flags::DENYOOM)).map_err(|refusal| {
        context.note_rejected(Some(command), &refusal);
        raise::counted(refusal_text(&refusal))
    })?;
    if let Target::Owner(command) = target {
        request.name_command(command);
    }
    Ok(Asked { target, request, db: context.db() })
}

fn log(_lua: &Lua, words: MultiValue) -> Result<MultiValue> {
    if words.len() < 2 {
        return Err(raise::table("ERR redis.log() requires two arguments or more."));
    }
    let Some(level) = args::to_number(words.front()).map(args::to_i64) else {
        return Err(raise::table("ERR First argument must be a number (log level)."));
    };
    let parts = words.iter().skip(1).filter_map(|word| args::text(Some(word)));
    let text =
        parts.map(|part| String::from_utf8_lossy(&part).into_owned()).collect::<Vec<_>>().join(" ");
    match level {
        0 | 1 => tracing::debug!(target: "script", "{text}"),
        2 => tracing::info!(target: "script", "{text}"),
        3 => tracing::warn!(target: "script", "{text}"),
        _ => return Err(raise::table("ERR Invalid debug level.")),
    }
    Ok(MultiValue::new())
}

fn sha1hex(lua: &Lua, words: MultiValue) -> Result<MultiValue> {
    if words.len() != 1 {
        return Err(raise::table("ERR wrong number of arguments"));
    }
    let text = args::text(words.front()).unwrap_or_default();
    args::one(lua.create_string(sha(&text))?)
}

/// The only argument, if it is a string.
fn only_string(words: &MultiValue) -> Option<Vec<u8>> {
    match words.front() {
        Some(Value::String(text)) if words.len() == 1 => Some(text.as_bytes().to_vec()),
        _ => None,
    }
}

fn error_table(lua: &Lua, text: &[u8]) -> Result<MultiValue> {
    let table = lua.create_table_with_capacity(0, 1)?;
    table.raw_set("err", lua.create_string(text)?)?;
    args::one(Value::Table(table))
}

fn error_reply(lua: &Lua, words: MultiValue) -> Result<MultiValue> {
    let Some(mut text) = only_string(&words) else {
        return error_table(lua, b"ERR wrong number or type of arguments");
    };
    convert::cut(&mut text);
    let text = text.strip_prefix(b"-").unwrap_or(&text);
    // What stands before the first space is the error's code.
    let space = text.iter().position(|byte| *byte == b' ');
    let (code, text) = space.map_or((&b"ERR"[..], text), |at| (&text[..at], &text[at + 1..]));
    error_table(lua, &[code, b" ", without_line_ends(text)].concat())
}

/// A text without the ends of lines around it.
fn without_line_ends(text: &[u8]) -> &[u8] {
    let is_text = |byte: &u8| !matches!(byte, b'\r' | b'\n');
    let start = text.iter().position(is_text).unwrap_or(text.len());
    let end = text.iter().rposition(is_text).map_or(start, |at| at + 1);
    &text[start..end]
}

fn status_reply(lua: &Lua, words: MultiValue) -> Result<MultiValue> {
    match only_string(&words) {
        Some(text) => args::one(convert::status(lua, &text)?),
        None => error_table(lua, b"ERR wrong number or type of arguments"),
    }
}

/// There is no replication to be chosen for; what is wrong is refused all the same.
fn set_repl(_lua: &Lua, words: MultiValue) -> Result<MultiValue> {
    if words.len() != 1 {
        return Err(raise::table("ERR redis.set_repl() requires two arguments."));
    }
    let flags = args::to_number(words.front()).map_or(0, args::to_i64);
    if flags & !3 != 0 {
        let text = "Invalid replication flags. Use REPL_AOF, REPL_REPLICA, REPL_ALL or REPL_NONE.";
        return Err(raise::table(format!("ERR {text}")));
    }
    Ok(MultiValue::new())
}
