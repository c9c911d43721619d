//! Lua: what it is set up with, and how it runs a script.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use ahash::AHashMap;
use clawlink_actors::{Outcome, Refusal, Reply};
use mlua::{ChunkMode, Function, HookTriggers, Lua, LuaOptions, Result, StdLib, Value, VmState};

use super::cache::Scripts;
use super::context::{Context, Ended, Job};
use super::convert;
use super::engine::{Door, Output};
use super::sandbox::Sandbox;
use super::script::Sha;
use super::site::Site;
use super::strings::Look;
use super::{LOOK_AFTER, MEMORY_BYTES_MAX, api, raise};

/// A Lua that scripts run in.
pub(super) struct Vm<'a> {
    lua: &'a Lua,
    context: Rc<Context>,
    sandbox: Sandbox,
    compiled: RefCell<AHashMap<Sha, Function>>,
    epoch: Cell<u64>,
    look: Look,
}

impl Vm<'_> {
    /// Starts a Lua whose scripts leave their stack by `door`.
    pub(super) fn with(door: &Door, live: impl FnOnce(&Vm<'_>)) -> Result<()> {
        let libraries = StdLib::STRING | StdLib::TABLE | StdLib::MATH;
        let lua = Lua::new_with(libraries, LuaOptions::new())?;
        let context = Rc::new(Context::new());
        lua.scope(|scope| {
            let tick = {
                let context = context.clone();
                scope.create_function(move |_, ()| {
                    context.pause(|| door.suspend(Output::Tick));
                    Ok(())
                })?
            };
            let look = looks(&context, tick);
            watch(&lua, look.clone())?;
            let call = {
                let context = context.clone();
                scope
                    .create_function(move |lua, args| api::call(lua, &context, door, &args, true))?
            };
            let pcall = {
                let context = context.clone();
                scope.create_function(move |lua, args| {
                    api::call(lua, &context, door, &args, false)
                })?
            };
            let redis = api::module(&lua, &context)?;
            redis.raw_set("call", call)?;
            redis.raw_set("pcall", pcall)?;
            let sandbox = Sandbox::build(&lua, &context, &look, redis)?;
            live(&Vm {
                lua: &lua,
                context,
                sandbox,
                compiled: RefCell::default(),
                epoch: Cell::new(0),
                look,
            });
            Ok(())
        })
    }

    /// Runs scripts one after the other.
    pub(super) fn run(&self, jobs: &[Job], site: Site) -> Vec<Ended> {
        let shared = site.shared.clone();
        self.context.arrive(site);
        let run = |(at, job)| {
            self.context.begin(job, at == 0);
            let ran = catch_unwind(AssertUnwindSafe(|| self.run_one(job, &shared.scripts)));
            let time_ns = self.context.end();
            Ended { outcome: ran.unwrap_or(Err(Refusal::Internal)), time_ns }
        };
        let ended = jobs.iter().enumerate().map(run).collect();
        self.context.leave();
        ended
    }

    /// Runs a script, or only compiles it.
    fn run_one(&self, job: &Job, scripts: &Scripts) -> Outcome {
        if self.epoch.replace(scripts.epoch()) != scripts.epoch() {
            self.compiled.borrow_mut().clear();
            // What is left of them goes now, not some time later.
            let _ = self.lua.gc_collect();
        }
        let function = self.function(job, scripts)?;
        let Some(keys) = job.keys else { return Ok(Reply::Nil) };
        let ran = self.call(job, keys, &function);
        self.clean(job, scripts);
        scripts.set_memory(self.lua.used_memory());
        ran.unwrap_or_else(|error| Err(Refusal::Told(error.to_string().into())))
    }

    fn function(&self, job: &Job, scripts: &Scripts) -> std::result::Result<Function, Refusal> {
        let script = &job.script;
        if let Some(function) = self.compiled.borrow().get(&script.sha) {
            return Ok(function.clone());
        }
        // What begins like compiled Lua is a text like any other, and no good one.
        let spaced = if script.body.first() == Some(&0x1b) { &b" "[..] } else { b"" };
        let body = [spaced, &script.body].concat();
        let chunk = self.lua.load(body).set_name("@user_script").set_mode(ChunkMode::Text);
        let function = chunk.into_function().map_err(|error| {
            let text = match &error {
                mlua::Error::SyntaxError { message, .. } => message.clone(),
                other => other.to_string(),
            };
            Refusal::Told(format!("ERR Error compiling script (new function): {text}").into())
        })?;
        self.compiled.borrow_mut().insert(script.sha, function.clone());
        // From now on it can be called by its name.
        scripts.insert(script.clone());
        Ok(function)
    }

    fn call(&self, job: &Job, keys: usize, function: &Function) -> Result<Outcome> {
        let args = job.pipeline.request(job.index);
        let words = |from: usize, to: usize| {
            self.lua
                .create_sequence_from((from..to).map(|at| convert::string(self.lua, args.word(at))))
        };
        let first = 3 + keys;
        let (keys, argv) = (words(3, first)?, words(first, args.len())?);
        self.lua.set_memory_limit(MEMORY_BYTES_MAX)?;
        let ran = self.sandbox.run.call::<(bool, Value)>((function, keys, argv));
        self.lua.set_memory_limit(0)?;
        let (ok, value) = ran?;
        if ok {
            return Ok(convert::to_reply(&value, self.context.resp3.get()));
        }
        Ok(Err(self.failed(job, &value)))
    }

    /// What a client is told of a script that failed.
    fn failed(&self, job: &Job, error: &Value) -> Refusal {
        let text = |value: &Value| super::args::text(Some(value)).map(|text| text.to_vec());
        let Value::Table(error) = error else {
            let text = text(error).unwrap_or_else(|| b"unknown error".to_vec());
            return Refusal::Told([&b"ERR "[..], &text].concat().into());
        };
        let field = |name| error.raw_get::<Value>(name).ok().and_then(|value| text(&value));
        let mut said = field("err").unwrap_or_else(|| b"ERR unknown error".to_vec());
        convert::cut(&mut said);
        if let (Some(source), Some(line)) = (field("source"), field("line")) {
            let sha = &job.script.sha[..];
            said.extend([b" script: ", sha, b", on ", &source, b":", &line, b"."].concat());
        }
        let said = said.into();
        if convert::is_counted(error) { Refusal::Repeated(said) } else { Refusal::Told(said) }
    }

    /// Undoes what a script may have done to those that follow.
    fn clean(&self, job: &Job, scripts: &Scripts) {
        if job.script.collects {
            self.lua.gc_restart();
        }
        if scripts.is_killed() {
            let _ = watch(self.lua, self.look.clone());
        }
    }
}

/// Looks after a script from time to time.
fn watch(lua: &Lua, look: Look) -> Result<()> {
    lua.set_global_hook(HookTriggers::new().every_nth_instruction(LOOK_AFTER), move |lua, _| {
        look(lua)?;
        Ok(VmState::Continue)
    })
}

/// Whether a script runs for long, when others have a turn, and whether it is to end.
fn looks(context: &Rc<Context>, tick: Function) -> Look {
    let context = context.clone();
    Rc::new(move |lua| {
        if context.is_late() {
            tick.call::<()>(())?;
        }
        if context.is_killed() {
            // From here on every line ends the script, so that no `pcall` keeps it alive.
            let end = HookTriggers::new().every_line();
            lua.set_global_hook(end, |_, _| Err(killed()))?;
            return Err(killed());
        }
        Ok(())
    })
}

fn killed() -> mlua::Error {
    raise::table("ERR Script killed by user with SCRIPT KILL...")
}
