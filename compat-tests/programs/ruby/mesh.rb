# One agent of a mesh: see ../README.md. Arguments: its id, the next agent's, how many there are.
require "json"
require "redis"

me, neighbour, members = ARGV
# The timeout, in seconds, is longer than any command here waits.
where = { port: ENV.fetch("CLAWLINK_PORT"), timeout: 40 }

door = Redis.new(**where)
registered = Hash[*door.call("CLAW.REGISTER", me, "ID", me, "CAPS", "greeter")]

# Whoever shows the key is the agent: it is the password of any client.
identity = { **where, username: "agent:#{me}", password: registered["key"] }
mesh = Redis.new(**identity)

channel = Redis.new(**identity)
heard = []
channel.subscribe("topic:hello") do |on|
  on.message do |_channel, message|
    if message == "begin"
      mesh.call("CLAW.BROADCAST", "hello", "hello from #{me}")
    else
      heard << JSON.parse(message)["from_agent"]
    end
    channel.unsubscribe if heard.size == members.to_i
  end
end
puts "heard: #{heard.sort.join(" ")}"
puts "greeters: #{mesh.call("CLAW.DISCOVER", "CAP", "greeter").size}"

begin
  mesh.call("CLAW.DELEGATE", "nobody", "greet me")
rescue Redis::CommandError => refusal
  puts "refused: #{refusal.message}"
end

sent = mesh.call("CLAW.DELEGATE", neighbour, "greet me")

task = nil
until task
  messages = mesh.call("CLAW.POLL", me, "BLOCK", 30000).map { |message| JSON.parse(message) }
  task = messages.find { |message| message["type"] == "task_delegation" }
end
puts "task from #{task["from_agent"]}: #{task["task"]}, attempt #{task["attempt"]}"
mesh.call("CLAW.RESPOND", task["receipt"], "hello #{task["from_agent"]}")

answer = JSON.parse(mesh.call("CLAW.AWAIT", sent, "TIMEOUT", 30))
puts "answer from #{answer["from_agent"]}: #{answer["result"]}"

# Everybody adds a line to one file: who was overtaken reads it again.
loop do
  file = Hash[*mesh.call("CLAW.FILE", "GET", "roll.txt")]
  edited = "#{file["content"]}#{me}\n"
  put = ["PUT", "roll.txt", edited, "BASE", file["version"], "MERGE"]
  break unless Hash[*mesh.call("CLAW.FILE", *put)]["status"] == "conflict"
end
signed = mesh.get("file:roll.txt").include?("\n#{me}\n")
puts "the roll is signed: #{signed ? "yes" : "no"}"
