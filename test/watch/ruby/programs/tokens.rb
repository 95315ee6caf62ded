require 'net/http'

uri = URI(ENV.fetch('URL'))
tokens = Queue.new
(ARGV[0] == 'slow' ? 1 : 10).times { tokens << :token }
threads = Array.new(10) do
  Thread.new do
    token = tokens.pop
    Net::HTTP.get(uri)
    tokens << token
  end
end
threads.each(&:join)
