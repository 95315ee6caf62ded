require 'uri'
require ARGV[0] == 'faraday' ? 'faraday' : 'net/http'
require 'concurrent' if ARGV[0] == 'concurrent'
require 'parallel' if ARGV[0] == 'parallel'

uri = URI(ENV.fetch('URL'))
case ARGV[0]
when 'concurrent'
  pool = Concurrent::FixedThreadPool.new(2)
  Array.new(6) { Concurrent::Promises.future_on(pool) { Net::HTTP.get(uri) } }.each(&:value!)
when 'parallel'
  Parallel.each(1..6, in_threads: 2) { Net::HTTP.get(uri) }
when 'faraday'
  client = Faraday.new(url: "http://#{uri.host}:#{uri.port}")
  Array.new(3) { Thread.new { client.get(uri.path) } }.each(&:join)
end
