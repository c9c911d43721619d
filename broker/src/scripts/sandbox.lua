-- What scripts get in place of Lua's own functions that catch errors: errors that the broker's functions raised are
-- opened, so that a script sees a text, or the table that redis.call raises.
local raw_pcall, raw_xpcall, coroutine, open, next, handler = ...
local raw_resume, type, select = coroutine.resume, type, select

local function plain(e)
  e = open(e)
  if type(e) == 'table' then
    local err = e.err
    if type(err) == 'string' or type(err) == 'number' then return err end
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

local protected = {}

function protected.pcall(...)
  if ... == nil and select('#', ...) == 0 then return end
  return caught(raw_pcall(...))
end

function protected.xpcall(f, handle)
  return raw_xpcall(f, function(e) return handle(open(e)) end)
end

function coroutine.resume(...)
  return resumed(raw_resume(...))
end

-- Runs a script; its error comes as a table {err, source, line}.
local function run(f)
  return raw_xpcall(f, handler)
end

-- The first of these tables that a script has put something into behind the broker's back.
local function touched(tables)
  for i = 1, #tables do
    if next(tables[i]) ~= nil then return tables[i] end
  end
end

return protected, run, touched
