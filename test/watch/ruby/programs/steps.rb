# Says on standard output what it did; the tests hold the trace to it.
require 'net/http'

uri = URI(ENV.fetch('URL'))
case ARGV[0]
when 'kept'
  Net::HTTP.start(uri.host, uri.port) { |http| 3.times { http.get('/get') } }
when 'tls'
  secure = URI(ENV.fetch('HTTPS'))
  Net::HTTP.start(secure.host, secure.port, use_ssl: true, verify_mode: OpenSSL::SSL::VERIFY_NONE) { |http| http.get('/get?token=secret') }
when 'post'
  Net::HTTP.post(uri + '/post', 'a=1', 'Content-Type' => 'text/plain')
when 'refused'
  Net::HTTP.get(URI('http://127.0.0.1:1/')) rescue p $!.class
when 'refused at once'
  Net::HTTP.new('127.0.0.1', 1).request(Net::HTTP::Get.new('/')) rescue p $!.class
when 'nameless'
  Net::HTTP.get(URI('http://nowhere.invalid/')) rescue p $!.class
when 'timeout'
  Net::HTTP.start(uri.host, uri.port, read_timeout: 0.3, max_retries: 1) { |http| http.get('/delay/5') } rescue p $!.class
when 'killed'
  thread = Thread.new { Net::HTTP.get(uri + '/delay/5') }
  sleep 0.5
  thread.kill.join
  p thread.status
when 'streamed'
  Net::HTTP.start(uri.host, uri.port) do |http|
    http.request_get('/bytes/100000') { |answer| answer.read_body { raise 'enough' } } rescue p $!
  end
when 'pages'
  path = '/items/100?size=20'
  path = Net::HTTP.get_response(uri + path)['link'].to_s[/<(.*?)>/, 1] while path
when 'open-uri'
  require 'open-uri'
  p (uri + '/redirect/2').open(&:read).size.positive?
when 'queued'
  queue = Queue.new(['a', 'b', 'c', 'd'])
  Thread.new { 4.times { queue.pop && Net::HTTP.get(uri + '/delay/0.2') } }.join
when 'pool'
  pool = Queue.new
  pool << Net::HTTP.start(uri.host, uri.port)
  sleep 0.3
  Array.new(3) do
    Thread.new do
      http = pool.pop
      http.get('/delay/0.3')
      pool << http
    end
  end.each(&:join)
when 'waits'
  Thread.new do
    sleep 0.2
    Mutex.new.synchronize { Net::HTTP.get(uri + '/delay/0.6') }
  end.join
when 'computes'
  Thread.new do
    from = Process.clock_gettime(Process::CLOCK_MONOTONIC)
    Net::HTTP.start(uri.host, uri.port) do |http|
      http.request_get('/get') { 1 while Process.clock_gettime(Process::CLOCK_MONOTONIC) - from < 1 }
    end
  end.join
when 'late'
  3.times { |number| Thread.new { Net::HTTP.get(uri + "/get?n=#{number}") } }
  sleep 1
end
