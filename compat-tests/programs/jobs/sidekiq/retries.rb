# Jobs for later, jobs that fail and are tried again, and dead jobs.
require_relative "story"

scheduled, retries, dead = Sidekiq::ScheduledSet.new, Sidekiq::RetrySet.new, Sidekiq::DeadSet.new

Note.perform_in(3600, "in an hour")
Note.perform_at(Time.now + 7200, "in two hours")
moved = Note.perform_in(3600, "moved")
Note.perform_in(3600, "at once")
Sidekiq::Client.push_bulk("class" => Note, "args" => [["bulk"]], "at" => [Time.now.to_f + 10_800])
Note.perform_in(0.5, "in half a second")
puts "scheduled: #{scheduled.map { |job| job.args.first }}"
puts "scanned: #{scheduled.scan("hour").map { |job| job.args.first }.sort}"
scheduled.find_job(moved).reschedule(Time.now)
scheduled.find { |job| job.args == ["at once"] }.add_to_queue
puts "enqueued: #{Sidekiq::Queue.new.map { |job| job.args.first }}"

worker = hire("-c", "2")
puts "done: #{notes(3).sort}"
late = scheduled.fetch(Time.now.to_f..Time.now.to_f + 4000)
puts "within the hour: #{late.map { |job| job.args.first }}"
late.each(&:delete)
puts "left: #{Sidekiq::Stats.new.scheduled_size}"

# A job that failed waits for its next attempt.
stumble = Stumble.perform_async("it", 2)
(1..2).each do |attempt|
  wait_until("failure #{attempt}") { retries.find_job(stumble)&.item&.[]("error_message") == "stumbled #{attempt}" }
  job = retries.find_job(stumble)
  wait = (job.at - Time.now).round(-3)
  puts "#{job["error_class"]}: #{job["error_message"]}, retry #{job["retry_count"]}, " \
       "#{job.error_backtrace.size} lines, in about #{wait} s"
  attempt == 1 ? job.reschedule(Time.now) : job.retry
end
puts "at last: #{notes(1)}"

Hopeless.perform_async
wait_until("it waits for its second attempt") { retries.size == 1 }
retries.first.reschedule(Time.now)
puts "exhausted: #{notes(2)}"
wait_until("it is dead") { dead.size == 1 }
puts "dead: #{dead.map { |job| [job.klass, job["error_message"]] }}"
dead.first.retry
puts "and again: #{notes(2)}"

# Without a retry a job dies at once, or is forgotten.
Stumble.set(retry: 0).perform_async("dead", 1)
Stumble.set(retry: 0, dead: false).perform_async("forgotten", 1)
Stumble.set(retry: false).perform_async("unheard of", 1)
puts "without a retry: #{notes(3).uniq}"
wait_until("both are dead") { dead.size == 2 }
puts "dead: #{dead.map(&:klass).sort}"

5.times { |number| Stumble.perform_async("many-#{number}", 9) }
wait_until("all have failed") { retries.size == 5 }
retries.kill_all
puts "killed: #{retries.size} #{dead.size}"
dead.clear
end_of(worker, "TERM")
stats = Sidekiq::Stats.new
puts "processed: #{stats.processed}, failed: #{stats.failed}, dead: #{stats.dead_size}"
