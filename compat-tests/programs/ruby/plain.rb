# What an ordinary client does, with the broker or with Redis: see ../README.md.
require "digest"
require "redis"

# The timeout, in seconds, is longer than any command here waits.
where = { port: ENV.fetch("CLAWLINK_PORT"), timeout: 40, password: ENV.fetch("CLAWLINK_TOKEN") }

begin
  Redis.new(**where, password: "guessed").ping
rescue Redis::CommandError
  puts "wrong token: refused"
end

mesh = Redis.new(**where)
other = Redis.new(**where)

content = (0..255).to_a.pack("C*") * 4096
mesh.set("file:bytes", content)
puts "bytes: #{content.bytesize} #{mesh.get("file:bytes").b == content ? "back" : "broken"}"

mesh.set("file:notes.txt", "one")
mesh.append("file:notes.txt", " two")
puts "file: #{mesh.get("file:notes.txt")}"

counts = mesh.pipelined { |pipe| 3.times { pipe.incr("counter") } }
puts "pipeline: #{counts.join(" ")}"

results = mesh.multi do |transaction|
  transaction.incr("counter")
  transaction.get("file:notes.txt")
end
puts "transaction: #{results.join(" ")}"

outcome = mesh.watch("counter") do
  other.incr("counter")
  mesh.multi { |transaction| transaction.incr("counter") }
end
puts "watched: somebody else was first" if outcome.nil?

script = "return redis.call('INCRBY', KEYS[1], ARGV[1])"
begin
  sum = mesh.evalsha(Digest::SHA1.hexdigest(script), keys: ["counter"], argv: [5])
rescue Redis::CommandError => refusal
  raise unless refusal.message.start_with?("NOSCRIPT")
  mesh.script(:load, script)
  retry
end
puts "script: #{sum}"

begin
  mesh.lpush("counter", "x")
rescue Redis::CommandError => refusal
  puts "refused: #{refusal.message}"
end

channel = Redis.new(**where)
channel.subscribe("topic:news") do |on|
  on.message do |_channel, message|
    puts "heard: #{message}"
    channel.unsubscribe
  end
end

_, message = mesh.brpop("inbox:plain", timeout: 30)
puts "popped: #{message}"

# The server closes the connection; the client connects again by itself.
other.client(:kill, "ID", mesh.client(:id))
puts "connected again: #{mesh.get("file:notes.txt")}"
