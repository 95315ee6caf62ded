# What threads wait for.
module AbreastProbe
  SHORTEST_QUEUE_US = 5_000
  LOCK = [{ 'kind' => 'lock', 'call' => 'futex' }, 'Thread::Mutex'].freeze
  QUEUE = [{ 'kind' => 'other', 'call' => 'futex' }, 'Thread::Queue'].freeze
  THREAD = [{ 'kind' => 'join', 'call' => 'futex' }, 'Thread'].freeze
  SIGNAL = [{ 'kind' => 'other', 'call' => 'futex' }, 'Thread::ConditionVariable'].freeze
  PAUSE = [{ 'kind' => 'sleep', 'call' => 'sleep' }, 'Kernel'].freeze
  READ = [{ 'kind' => 'read', 'call' => 'read' }, nil].freeze
  WRITE = [{ 'kind' => 'write', 'call' => 'write' }, nil].freeze
  CONNECT = [{ 'kind' => 'connect', 'call' => 'connect' }, nil].freeze
  NAME = [{ 'kind' => 'name', 'call' => 'getaddrinfo' }, nil].freeze
  CHILD = [{ 'kind' => 'child', 'call' => 'wait' }, 'Process'].freeze
  FLOCK = [{ 'kind' => 'lock', 'call' => 'flock' }, 'File'].freeze
  # What a thread that sleeps waits for, by the method in C that it is in, and the class of that.
  WAITS = [
    [LOCK, %w[lock synchronize enter mon_enter mon_synchronize]],
    [QUEUE, %w[pop shift deq push << enq]],
    [THREAD, %w[join value]],
    [PAUSE, %w[sleep]],
    [READ, %w[wait_readable read sysread readpartial gets readline readlines each_line eof? recv recvfrom select accept]],
    [WRITE, %w[write syswrite wait_writable print puts]],
    [CONNECT, %w[connect connect_nonblock open initialize connect_internal]],
    [NAME, %w[getaddrinfo getaddress gethostbyname getnameinfo]],
    [CHILD, ['`', 'system', 'waitpid', 'wait2', 'waitpid2', 'waitall', 'capture2', 'capture3']],
    [FLOCK, %w[flock]]
  ].flat_map { |what, names| names.map { |name| [name, what] } }.to_h.freeze
  FUTEX, WAIT4, WAITID, POLL = '202', '61', '247', '7' # of x86-64

  class << self
    # [wait, class of the leaf] of a thread with these frames.
    def wait_of(here, frames)
      leaf = frames.first[0]
      return SIGNAL if leaf == 'sleep' && frames[1] && %w[wait wait_until wait_while].include?(frames[1][0])
      return name_or_connect(here) if %w[open initialize].include?(leaf)
      return kernel_call(here).start_with?(WAIT4, WAITID) ? CHILD : READ if leaf == 'wait'
      WAITS[leaf] || [{ 'kind' => 'other', 'call' => leaf }, nil]
    end

    # TCPSocket.open looks the name up itself: in a thread of its own since Ruby 3.3, with poll() before.
    def name_or_connect(here)
      [FUTEX, POLL].include?(kernel_call(here)[/\A\d+/]) ? NAME : CONNECT
    end

    def kernel_call(here)
      return '' unless RUBY_PLATFORM.start_with?('x86_64-linux')
      File.read("/proc/self/task/#{here.tid}/syscall")
    rescue SystemCallError
      ''
    end

    def write_block(tid, from, to, wait, stack, samples, unit = nil)
      @trace.write(block_line(tid, from, to, wait, stack, samples, unit))
    end

    def block_line(tid, from, to, wait, stack, samples, unit)
      fields = { 'pid' => PID.call, 'thread' => tid }
      fields['unit'] = unit.number if unit && unit.used
      fields.update('fromUs' => from, 'toUs' => to, 'wait' => wait)
      fields['stack'] = stack if stack
      fields['samples'] = samples if samples
      line_of('block', fields)
    end
  end
end
