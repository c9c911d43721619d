# Who works: processes and what they are busy with, and being told to stop.
require_relative "story"

processes = Sidekiq::ProcessSet.new
quiet = hire("-c", "2", "-g", "quiet", "-q", "a,2", "-q", "b")
stopped = hire("-c", "3", "-g", "stopped", "-q", "b")
wait_until("both have reported") { processes.size == 2 && processes.count == 2 }
puts "processes: #{processes.map { |each| [each.tag, each.queues, each["concurrency"]] }.sort}"
puts "their pids: #{processes.map { |each| each["pid"] }.sort == [quiet, stopped].sort}"
puts "threads: #{processes.total_concurrency}, memory: #{processes.total_rss_in_kb.positive?}"

# Orders are left for a process, which looks for them every five seconds.
Gate.set(queue: "a").perform_async("gate")
processes.find { |each| each.tag == "stopped" }.stop!
processes.find { |each| each.tag == "quiet" }.quiet!
work = Sidekiq::WorkSet.new
wait_until("it is reported") { work.size == 1 }
work.each do |process, thread, item|
  job = item["payload"]
  known = process == processes.find { |each| each.tag == "quiet" }.identity && !thread.empty?
  puts "busy: #{job["class"]} #{job["args"]} from #{item["queue"]} #{known}"
end
Process.wait(stopped)
puts "stopped: #{$?.exitstatus}, left: #{processes.map(&:tag)}"
wait_until("the other is quiet") { processes.first.stopping? }
Note.set(queue: "a").perform_async("never")
open_gate("gate")
puts "finished meanwhile: #{notes(1)}"
end_of(quiet, "TERM")
puts "left: #{Sidekiq::Queue.new("a").size}, processes: #{Sidekiq::ProcessSet.new.size}"

# Of a process that was killed nothing is left but its name, once its record has expired.
killed = hire("-c", "1")
wait_until("it has reported") { processes.count == 1 }
end_of(killed, "KILL")
Sidekiq.redis { |broker| broker.pexpire(processes.first.identity, 1) }
wait_until("it is forgotten") { Sidekiq::ProcessSet.new.size.zero? }
puts "cleaned up"
