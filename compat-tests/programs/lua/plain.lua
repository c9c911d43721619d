-- What an ordinary client does, with the broker or with Redis: see ../README.md.
local redis = require "redis"

local function connect(token)
  local client = redis.connect("127.0.0.1", os.getenv "CLAWLINK_PORT")
  client:auth(token)
  return client
end

local token = os.getenv "CLAWLINK_TOKEN"
if not pcall(connect, "guessed") then print "wrong token: refused" end

local mesh = connect(token)
local other = connect(token)

local every_byte = {}
for byte = 0, 255 do every_byte[byte + 1] = string.char(byte) end
local content = table.concat(every_byte):rep(4096)
mesh:set("file:bytes", content)
print("bytes: " .. #content .. (mesh:get "file:bytes" == content and " back" or " broken"))

mesh:set("file:notes.txt", "one")
mesh:append("file:notes.txt", " two")
print("file: " .. mesh:get "file:notes.txt")

local counts = mesh:pipeline(function(pipe)
  for _ = 1, 3 do pipe:incr "counter" end
end)
print("pipeline: " .. table.concat(counts, " "))

local results = mesh:transaction(function(transaction)
  transaction:incr "counter"
  transaction:get "file:notes.txt"
end)
print("transaction: " .. table.concat(results, " "))

local committed = pcall(mesh.transaction, mesh, { watch = "counter", cas = true, retry = 0 }, function(transaction)
  other:incr "counter"
  transaction:multi()
  transaction:incr "counter"
end)
if not committed then print "watched: somebody else was first" end

-- Neither Lua nor this client computes a SHA-1, so the broker is asked for it.
local script = "return redis.call('INCRBY', KEYS[1], ARGV[1])"
local digest = mesh:script("LOAD", script)
print("script: " .. mesh:evalsha(digest, 1, "counter", 5))

local _, refusal = pcall(mesh.lpush, mesh, "counter", "x")
print("refused: " .. refusal:match "redis error: (.*)")

local channel = connect(token)
for message, leave in channel:pubsub { subscribe = "topic:news" } do
  if message.kind == "message" then
    print("heard: " .. message.payload)
    leave()
  end
end

local message = mesh:brpop("inbox:plain", 30)[2]
print("popped: " .. message)

-- The server closes the connection, which is an error; this client is told to connect again.
other:client("KILL", "ID", mesh:client "ID")
if not pcall(mesh.get, mesh, "file:notes.txt") then mesh = connect(token) end
print("connected again: " .. mesh:get "file:notes.txt")
