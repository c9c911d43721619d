# What the stories share: workers in other processes, and waiting for facts.
require "sidekiq/api"
require "tempfile"
require_relative "tasks"

# How long a fact may take, in seconds. A worker looks for orders every five.
WAIT_MAX = 20

LOG = Tempfile.new("sidekiq")

# Starts a worker process: `sidekiq` with these options. It is gone when the story ends.
def hire(*options)
  tasks = File.join(__dir__, "tasks.rb")
  pid = spawn("sidekiq", "-r", tasks, *options, in: File::NULL, %i[out err] => [LOG.path, "a"])
  at_exit { end_of(pid, "KILL") }
  pid
end

# Sends a worker process a signal, and waits until it is gone.
def end_of(pid, signal)
  Process.kill(signal, pid)
  Process.wait(pid)
rescue Errno::ESRCH, Errno::ECHILD
  nil # It had gone by itself.
end

# Asks again and again until the answer is yes.
def wait_until(fact)
  deadline = Time.now + WAIT_MAX
  until yield
    abort("this did not come about: #{fact}\n#{File.readlines(LOG.path).last(20).join}") if Time.now > deadline
    sleep 0.01
  end
end

# What the jobs noted, once there are so many notes; they are taken away.
def notes(count)
  wait_until("#{count} notes") { Sidekiq.redis { |broker| broker.llen("notes") } >= count }
  Sidekiq.redis { |broker| broker.lpop("notes", count) }
end

# Lets the job that waits at a gate go on.
def open_gate(name)
  Sidekiq.redis { |broker| broker.lpush(name, "open") }
end
