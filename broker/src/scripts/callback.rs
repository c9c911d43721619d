//! Calls of what a script gave to one of our functions.
//!
//! Where a function of ours calls one of Lua's, mlua catches what that raises, and raises it again where ours was called. So
//! where an error comes from is noted when it is raised (see `callback.lua`), and goes with it.

use std::cell::RefCell;
use std::rc::Rc;

use mlua::{Function, IntoLuaMulti, Lua, MultiValue, Result, Table, Value};

use super::raise::{self, Place, Raised};

/// What our code in `callback.lua` is called: it stands where Redis has a function in C.
pub(super) const NAME: &str = "=[C]";

/// Calls functions and reads tables.
#[derive(Clone)]
pub(super) struct Callback {
    call: Function,
    index: Function,
    /// Where the last error was raised.
    raised_at: Rc<RefCell<Option<Place>>>,
}

impl Callback {
    /// With Lua's functions from its globals.
    pub(super) fn new(lua: &Lua, globals: &Table) -> Result<Self> {
        let raised_at = Rc::new(RefCell::new(None));
        let place = raised_at.clone();
        let note = lua.create_function(move |lua, error: Value| {
            *place.borrow_mut() = raise::place(lua, &error);
            Ok(error)
        })?;
        let builtin = |name: &str| globals.raw_get::<Function>(name);
        let chunk = lua.load(include_str!("callback.lua")).set_name(NAME);
        let (call, index) =
            chunk.call((builtin("xpcall")?, builtin("select")?, builtin("unpack")?, note))?;
        Ok(Self { call, index, raised_at })
    }

    /// The first result of a function.
    pub(super) fn call(
        &self,
        lua: &Lua,
        function: &Function,
        mut args: MultiValue,
    ) -> Result<Value> {
        args.push_front(Value::Function(function.clone()));
        self.run(lua, &self.call, args)
    }

    /// What a table has for a key.
    pub(super) fn index(&self, lua: &Lua, table: &Table, key: Value) -> Result<Value> {
        self.run(lua, &self.index, (table, key))
    }

    fn run(&self, lua: &Lua, caller: &Function, args: impl IntoLuaMulti) -> Result<Value> {
        // Nobody is told where memory ran out.
        *self.raised_at.borrow_mut() = None;
        let (ok, value): (bool, Value) = caller.call(args)?;
        if ok {
            return Ok(value);
        }
        raise::keep_passed(lua, value)?;
        Err(mlua::Error::external(Raised::Passed(self.raised_at.take())))
    }
}
