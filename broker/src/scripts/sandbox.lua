-- What scripts get in the place of those functions of Lua's that catch errors, or that do not see for themselves which
-- tables are protected. Errors that the broker's functions raised are opened, so that a script sees a text, or the table
-- that redis.call raises.
local globals, behind, broker = ...
local coroutine, table, string = globals.coroutine, globals.table, globals.string
local raw_pcall, raw_xpcall, raw_next = pcall, xpcall, next
local raw_resume, raw_insert = coroutine.resume, table.insert
local type, select, tonumber, tostring = type, select, tonumber, tostring
-- Functions of the broker's: they open an error, handle one, find the next match, refuse arguments, refuse to write.
local open, handle, scan = broker.open, broker.handle, broker.scan
local wrong_type, wrong_count, read_only = broker.wrong_type, broker.wrong_count, broker.read_only

local function unnamed(f) return f end

local function plain(e)
  e = open(e)
  if type(e) == 'table' then
    local err = e.err
    if type(err) == 'string' or type(err) == 'number' then return err end
    -- Redis leaves what it found there behind the table.
    return e, err
  end
  return e
end

local function caught(ok, ...)
  if ok then return ok, ... end
  return false, plain((...))
end

local function resumed(ok, ...)
  if ok then return ok, ... end
  return false, open((...))
end

function pcall(...)
  if select('#', ...) == 0 then return false, 'attempt to call a boolean value' end
  return caught(raw_pcall(...))
end

function xpcall(...)
  if select('#', ...) < 2 then wrong_type(2, 'value', ...) end
  local f, handle = ...
  -- A function that is not called by a name says so in its errors.
  return raw_xpcall(f, function(e) return (unnamed(handle))(open(e)) end)
end

function coroutine.resume(...)
  return resumed(raw_resume(...))
end

function next(...)
  local t, key = ...
  if type(t) ~= 'table' then wrong_type(1, 'table', ...) end
  return raw_next(behind[t] or t, key)
end

function table.foreach(...)
  local t, f = ...
  if type(t) ~= 'table' then wrong_type(1, 'table', ...) end
  if type(f) ~= 'function' then wrong_type(2, 'function', ...) end
  for key, value in raw_next, behind[t] or t do
    local result = f(key, value)
    if result ~= nil then return result end
  end
end

function table.insert(...)
  local t, at = ...
  if type(t) ~= 'table' then wrong_type(1, 'table', ...) end
  local count = select('#', ...)
  if count == 3 then
    if not tonumber(at) then wrong_type(2, 'number', ...) end
  elseif count ~= 2 then
    wrong_count('insert')
  end
  if behind[t] then read_only() end
  return raw_insert(...)
end

-- The argument as a string, as Lua's own functions read it.
local function text_of(nth, ...)
  local value = select(nth, ...)
  if type(value) == 'string' then return value end
  if type(value) ~= 'number' then return nil end
  return tostring(value)
end

function string.gmatch(...)
  local text = text_of(1, ...) or wrong_type(1, 'string', ...)
  local pattern = text_of(2, ...) or wrong_type(2, 'string', ...)
  local at = 0
  local function step(next_at, ...)
    at = next_at
    return ...
  end
  return function()
    return step(scan(text, pattern, at))
  end
end

-- Runs a script with its KEYS and ARGV; its error comes as a table {err, source, line}.
return function(f, keys, argv)
  globals.KEYS, globals.ARGV = keys, argv
  return raw_xpcall(f, handle)
end
