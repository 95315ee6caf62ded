require 'net/http'
require 'timeout'

def tell
  yield
rescue Exception => e
  puts e.full_message(highlight: false)
end

uri = URI(ENV.fetch('URL'))
p Queue.ancestors, Thread.ancestors, Net::HTTP.ancestors.size, Object.ancestors
p $LOADED_FEATURES.size, $LOADED_FEATURES.grep(/abreast/), $LOAD_PATH.size
p Object.constants.size, Object.new.private_methods.size, Kernel.instance_method(:exit!).owner
p Queue.instance_methods(false).sort, Queue.instance_method(:push).owner, Thread.singleton_methods(false).sort
p Net::HTTP.instance_method(:request).source_location
p $VERBOSE, $0, ARGV, __FILE__, caller, 'text'.frozen?
p Net::HTTP.get_response(uri).code
p Thread.list.size, ThreadGroup::Default.list.size
(Thread.list - [Thread.current]).each(&:join)
tell { Queue.new.pop(true) }
tell { Queue.new.close << 1 }
tell { SizedQueue.new(1).tap { |queue| queue << 1 }.push(2, true) }
tell { Thread.new }
tell { exec('/nowhere/at/all') }
tell { Net::HTTP.get(URI('http://127.0.0.1:1/')) }
tell { Timeout.timeout(0.2) { Net::HTTP.get(uri + '/delay/5') } }
tell { Net::HTTP.start(uri.host, uri.port, read_timeout: 0.2, max_retries: 0) { |http| http.get('/delay/5') } }
thread = Thread.new(1, two: 2) do |one, two:|
  p one, two
  raise IOError, 'in a thread'
end
tell { thread.join }
p Class.new(Thread) { def initialize(value, &block) super(value, &block) end }.new(5) { |value| value + 1 }.value
queue = SizedQueue.new(2)
queue << :one
p queue.inspect.sub(/0x\h+/, ''), queue.size, queue.pop
$VERBOSE = nil # Ractors are experimental, and say so
p Ractor.new { [Thread.new { Thread.list.size }.value, Queue.new.push(1).pop] }.take if defined?(Ractor)
File.open('/dev/null') { |file| p file.fileno }
p `ruby -e 'p $LOADED_FEATURES.grep(/abreast/), ARGV' 1`
at_exit { p :last, $!.class }
exit 3
