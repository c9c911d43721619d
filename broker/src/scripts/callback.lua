-- Calls what a script gave to one of the broker's functions, which is C's in Redis. `note` sees an error where it is raised.
local xpcall, select, unpack, note = ...

local function unnamed(f) return f end

return function(f, ...)
  local count, args = select('#', ...), {...}
  return xpcall(function()
    -- A function that is not called by a name says so in its errors.
    local value = (unnamed(f))(unpack(args, 1, count))
    return value
  end, note)
end, function(t, key)
  return xpcall(function()
    local value = t[key]
    return value
  end, note)
end
