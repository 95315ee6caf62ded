require 'net/http'

uri = URI(ENV.fetch('URL'))
lock = Mutex.new
bodies = []
threads = Array.new(10) do
  Thread.new do
    if ARGV[0] == 'slow'
      lock.synchronize { bodies << Net::HTTP.get(uri) }
    else
      body = Net::HTTP.get(uri)
      lock.synchronize { bodies << body }
    end
  end
end
threads.each(&:join)
