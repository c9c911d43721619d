# What the workers do, and the stories ask for: `sidekiq -r ./tasks.rb`. Both find the broker by REDIS_URL.
require "sidekiq"

# This Sidekiq uses what a later Ruby client will change, and would be told so at every job.
Redis.silence_deprecations = true

Sidekiq.configure_server do |config|
  # How often what is due is looked for, in seconds: the usual five would make long stories.
  config.options[:poll_interval_average] = 0.2
  config.death_handlers << ->(job, error) { note("#{job["class"]} is dead: #{error.message}") }
end

# Sidekiq's jobs give nothing back: what they did is noted in a list.
def note(text)
  Sidekiq.redis { |broker| broker.rpush("notes", text) }
end

class Note
  include Sidekiq::Job

  def perform(text)
    note(text)
  end
end

# Waits until somebody opens the gate of that name.
class Gate
  include Sidekiq::Job

  def perform(name)
    Sidekiq.redis { |broker| broker.brpop(name, timeout: 20) }
    note("#{name} was open")
  end
end

# Fails as often as it is told to.
class Stumble
  include Sidekiq::Job
  sidekiq_options retry: 3, backtrace: 2
  sidekiq_retry_in { |count| 1000 * (count + 1) }

  def perform(name, failures)
    failed = Sidekiq.redis { |broker| broker.incr("failed:#{name}") }
    raise ArgumentError, "stumbled #{failed}" if failed <= failures

    note("#{name} is up after #{failures}")
  end
end

# Fails always, and is tried once more before it is dead.
class Hopeless
  include Sidekiq::Job
  sidekiq_options retry: 1
  sidekiq_retries_exhausted { |job, _| note("given up after #{job["retry_count"]}") }

  def perform
    raise "no use"
  end
end
