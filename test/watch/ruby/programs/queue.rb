require 'net/http'

uri = URI(ENV.fetch('URL'))
work = Queue.new
20.times { |number| work << number }
work.close
workers = Array.new(ARGV[0] == 'slow' ? 2 : 20) do
  Thread.new { Net::HTTP.get(uri) while work.pop }
end
workers.each(&:join)
