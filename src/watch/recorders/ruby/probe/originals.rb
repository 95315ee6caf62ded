# What the recorder needs of the program's own world, as it is before it is replaced.
module AbreastProbe
  FILE = __FILE__
  VERSION = '1'
  LINUX = RUBY_PLATFORM.include?('linux')
  CLOCK = Process.method(:clock_gettime)
  SLEEP = Kernel.method(:sleep)
  PID = Process.method(:pid)
  CLASS_NAME = Module.instance_method(:name)
  NEW_THREAD = Thread.method(:new)
  # A Timeout or a kill that arrives while the recorder works belongs to the program: it is delivered behind it.
  LATER = { Object => :never }.freeze
  AT_ONCE = { Object => :immediate }.freeze

  class << self
    # Microseconds since the trace began.
    def now
      CLOCK.call(Process::CLOCK_MONOTONIC, :microsecond) - @zero_us
    end

    def wall_us
      CLOCK.call(Process::CLOCK_REALTIME, :microsecond)
    end

    # Remembers a time of the trace and the Unix time then, so that traces of two recorders can be laid side by side.
    def pair_clocks
      @clocks << [now, wall_us]
    end

    # Runs the recorder's own code: nothing in it reaches the program.
    def guarded(where)
      Thread.handle_interrupt(LATER) do
        begin
          in_child if PID.call != @pid
          yield
        rescue StandardError, NotImplementedError => error # what a platform has not
          trouble(where, error)
        end
      end
    end

    # A recorder's own fault: said once a place, and counted.
    def trouble(where, error)
      @trace.lost['notUnderstood'] += 1
      place = "#{where}: #{error.class}"
      return if @troubles.include?(place) || @troubles.size > 50
      @troubles << place
      text = ENV['ABREAST_DEBUG'] ? "#{place} #{error.message} #{error.backtrace.first(5).join(' ')}" : place
      @trace.write(line_of('note', 'atUs' => now, 'text' => text))
    rescue StandardError
      nil
    end
  end
end
