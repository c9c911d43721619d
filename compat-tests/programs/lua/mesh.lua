-- One agent of a mesh: see ../README.md. Arguments: its id, the next agent's, how many there are.
local json = require "cjson"
local redis = require "redis"

-- What the client does not know yet is declared by its name.
for _, name in ipairs { "register", "discover", "broadcast", "delegate", "poll", "respond", "await", "file" } do
  redis.commands["claw_" .. name] = redis.command("CLAW." .. name)
end

local me, neighbour, members = arg[1], arg[2], tonumber(arg[3])

local function connect() return redis.connect("127.0.0.1", os.getenv "CLAWLINK_PORT") end

--- A map from a flat list of names and values.
local function fields(reply)
  local map = {}
  for index = 1, #reply, 2 do map[reply[index]] = reply[index + 1] end
  return map
end

local registered = fields(connect():claw_register(me, "ID", me, "CAPS", "greeter"))

-- Whoever shows the key is the agent: it is the password of any client.
local mesh, channel = connect(), connect()
mesh:auth("agent:" .. me, registered.key)
channel:auth("agent:" .. me, registered.key)

local heard = {}
for message, leave in channel:pubsub { subscribe = "topic:hello" } do
  if message.payload == "begin" then
    mesh:claw_broadcast("hello", "hello from " .. me)
  elseif message.kind == "message" then
    table.insert(heard, json.decode(message.payload).from_agent)
  end
  if #heard == members then leave() end
end
table.sort(heard)
print("heard: " .. table.concat(heard, " "))
print("greeters: " .. #mesh:claw_discover("CAP", "greeter"))

local _, refusal = pcall(mesh.claw_delegate, mesh, "nobody", "greet me")
print("refused: " .. refusal:match "redis error: (.*)")

local sent = mesh:claw_delegate(neighbour, "greet me")

local task
while not task do
  for _, message in ipairs(mesh:claw_poll(me, "BLOCK", 30000)) do
    local record = json.decode(message)
    if record.type == "task_delegation" then task = record end
  end
end
print(("task from %s: %s, attempt %d"):format(task.from_agent, task.task, task.attempt))
mesh:claw_respond(task.receipt, "hello " .. task.from_agent)

local answer = json.decode(mesh:claw_await(sent, "TIMEOUT", 30))
print(("answer from %s: %s"):format(answer.from_agent, answer.result))

-- Everybody adds a line to one file: who was overtaken reads it again.
local saved
repeat
  local file = fields(mesh:claw_file("GET", "roll.txt"))
  local edited = file.content .. me .. "\n"
  saved = fields(mesh:claw_file("PUT", "roll.txt", edited, "BASE", file.version, "MERGE"))
until saved.status ~= "conflict"
local signed = mesh:get("file:roll.txt"):find("\n" .. me .. "\n", 1, true)
print("the roll is signed: " .. (signed and "yes" or "no"))
