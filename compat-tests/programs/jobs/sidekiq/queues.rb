# Queues, before and while there is somebody who works; what a worker that has to go leaves undone.
require_relative "story"

default, critical = Sidekiq::Queue.new, Sidekiq::Queue.new("critical")
Note.perform_async("one")
unwanted = Note.perform_async("unwanted")
Note.set(queue: "critical").perform_async("urgent")
Note.perform_bulk([["two"], ["three"], ["žluťoučký kůň 💾"]])
Sidekiq::Client.push_bulk("class" => Note, "queue" => "critical", "args" => [["critical too"]])
puts "queues: #{Sidekiq::Queue.all.map(&:name)}, #{Sidekiq::Stats::Queues.new.lengths}"
puts "waiting: #{default.map { |job| job.args.first }}"
job = default.find_job(unwanted)
puts "found: #{job.klass} #{job.args} #{job["retry"]} #{job.latency >= 0}"
puts "deleted: #{job.delete} #{default.size}"
stats = Sidekiq::Stats.new
puts "enqueued: #{stats.enqueued}, busy: #{stats.workers_size}, processes: #{stats.processes_size}"

worker = hire("-c", "1", "-q", "critical", "-q", "default")
puts "in this order: #{notes(6)}"
end_of(worker, "TERM")
today = Time.now.utc.strftime("%Y-%m-%d")
puts "processed: #{Sidekiq::Stats.new.processed}, #{Sidekiq::Stats::History.new(1).processed[today]} today"
puts "processes: #{Sidekiq::ProcessSet.new.size}"

# It is given a second to finish; the job it could not finish goes back.
Gate.perform_async("gate")
worker = hire("-c", "1", "-t", "1")
wait_until("the job is taken") { default.size.zero? }
end_of(worker, "TERM")
puts "given back: #{default.map { |job| [job.klass, job.args] }}"

# Several workers: each job is done once.
Note.perform_bulk((1..300).map { |number| [number] })
workers = 2.times.map { hire("-c", "5") }
open_gate("gate")
done = notes(301)
puts "by another: #{done.delete("gate was open")}"
puts "each once: #{done.map(&:to_i).sort == (1..300).to_a}"
workers.each { |pid| end_of(pid, "TERM") }
# Whether the job that was given back counts depends on how far its thread came.
puts "processed: #{[307, 308].include?(Sidekiq::Stats.new.processed)}"

Note.perform_async("never")
default.clear
puts "cleared: #{default.size} #{Sidekiq::Queue.all.size}"
