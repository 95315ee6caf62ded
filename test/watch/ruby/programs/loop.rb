require 'net/http'

uri = URI(ENV.fetch('URL'))
if ARGV[0] == 'slow'
  10.times { Net::HTTP.get(uri) }
else
  Array.new(10) { Thread.new { Net::HTTP.get(uri) } }.each(&:join)
end
