# A thread that looks at the threads which make requests: what they wait for, and what they compute. No method that
# waits is replaced for that.
module AbreastProbe
  TICK_S, SLOWEST_TICK_S, SHARE, TICK_BUDGET_US = 0.01, 0.1, 0.03, 1_000
  SHORTEST_BLOCK_US = 10_000
  LASTING = 500
  LOOPS = %w[pop shift deq push << enq lock synchronize join value].freeze

  class << self
    def sampling?
      @sampler ? @sampler.alive? : false
    end

    def start_sampler
      return if sampling? || @trace.ended
      @stopping = false
      @sampler_maker = Thread.current
      @sampler = NEW_THREAD.call { Thread.handle_interrupt(AT_ONCE) { sample } }
      @sampler.report_on_exception = false
      ThreadGroup.new.add(@sampler)
    rescue ThreadError => error
      trouble('sampler', error)
    ensure
      @sampler_maker = nil
    end

    def stop_sampler
      @stopping = true
      return unless sampling?
      @sampler.wakeup
      @sampler.join(0.5)
    end

    def sample
      @previous = now
      until @stopping
        began = cpu_us
        guarded('sampler') { tick }
        break if deadlocked?
        SLEEP.call([[TICK_S, (cpu_us - began) / 1e6 / SHARE].max, SLOWEST_TICK_S].min)
      end
    end

    def cpu_us
      CLOCK.call(Process::CLOCK_THREAD_CPUTIME_ID, :microsecond)
    end

    # Ruby ends a program whose threads all wait for each other, but not while one of them sleeps for a time. So this one
    # ends, and lets one of the others find out: it waits in a loop, in which Ruby looks for a deadlock.
    def deadlocked?
      others = LIST.call - [@sampler]
      return false unless others.all? { |thread| thread.inspect.end_with?('sleep_forever>') }
      one = others.find { |thread| LOOPS.include?(leaf_of(thread)) }
      one.wakeup if one
      !one.nil?
    end

    def leaf_of(thread)
      leaf = thread.backtrace_locations(0, 1)
      leaf && leaf[0] && leaf[0].base_label
    end

    def tick
      at = now
      @trace.flush
      look(at) unless @pending.empty?
      @previous = at
      if !@pending.empty? && at - @tail_at > (@trace.tail? ? 500_000 : 100_000)
        @tail_at = at
        @trace.write_tail(what_lasts)
      end
      write_environment if @environment_at.nil? && at > 1_000_000
      return unless at - @paired_at > 10_000_000
      @paired_at = at
      pair_clocks
    end

    def look(at)
      give_up_at = cpu_us + TICK_BUDGET_US
      threads = @threads.values
      threads.rotate(@turn += 1).each do |here|
        next @threads.delete(here.thread) unless here.thread.alive?
        next unless here.carries > 0 || here.asks || here.unit
        look_at(here, at)
        break if cpu_us > give_up_at
      end
    end

    def look_at(here, at)
      frames = frames_of(here.thread.backtrace_locations(0, 2 * MAX_FRAMES))
      return if frames.empty?
      computes = here.thread.status == 'run' # or wants to: one of them runs at a time
      seen = [frames, here.events]
      if !computes && seen == here.seen
        close_busy(here)
        here.samples += 1
        here.last = at
        here.waits ||= wait_of(here, frames)
        return
      end
      close_wait(here)
      look_at_busy(here, frames, at, computes)
      here.seen = seen
      here.frames = frames
      here.first = [@previous, here.event_at].max
      here.last = at
      here.samples = 1
    end

    # The wait that was seen is over. A single sample is no wait.
    def close_wait(here)
      waits, here.waits = here.waits, nil
      here.last = here.event_at if here.seen && here.events == here.seen[1] + 1 # which ended it
      return if waits.nil? || here.last - here.first < SHORTEST_BLOCK_US
      wait = [here.first, here.last, waits, here.frames, here.samples]
      if here.carries > 0 || here.event_at > here.first || (here.asks && (@pending.any? || @finished_at > here.first))
        write_wait(here, wait)
      elsif here.held.size < 20
        here.held << wait
      end
    end

    def write_wait(here, wait)
      from, to, (what, owner), frames, samples = wait
      write_block(here.tid, from, to, what, stack_of(named(frames, owner), here.unit && here.unit.stack), samples, here.unit)
    end

    # Frames whose leaf says of which class it is.
    def named(frames, owner)
      leaf, *rest = frames
      leaf[3] || owner.nil? ? frames : [leaf[0, 3] + [owner], *rest]
    end

    # The work of this thread makes a request after all: what it waited for before belongs to it.
    def release_held(here, since)
      held = here.held.select { |wait| wait[1] >= since }
      here.held.clear
      held.each { |wait| write_wait(here, wait) }
    end

    # A thread that computes is in another place at each look: what it does is what its stacks have in common.
    def look_at_busy(here, frames, at, computes)
      if computes && here.busy.any? && here.busy_events == here.events
        here.busy << frames if here.busy.size < 100
        return here.busy_to = at
      end
      close_busy(here)
      return unless computes && here.carries > 0
      here.busy = [frames]
      here.busy_from = [@previous, here.event_at].max
      here.busy_to = at
      here.busy_events = here.events
    end

    def close_busy(here)
      stacks, here.busy = here.busy, []
      here.busy_to = here.event_at if here.events == here.busy_events + 1
      return if stacks.size < 2 || here.busy_to - here.busy_from < SHORTEST_BLOCK_US
      write_block(here.tid, here.busy_from, here.busy_to, { 'kind' => 'cpu', 'call' => 'cpu' },
                  stack_of(common_frames(stacks), here.unit && here.unit.stack), stacks.size, here.unit)
    end

    # Exchanges that are not read and waits that go on: all that is known, should the process end now.
    def what_lasts
      lines = @pending.values.first(LASTING).map { |exchange| exchange_line(exchange) }
      @threads.each_value do |here|
        next if here.waits.nil? || here.carries.zero?
        what, owner = here.waits
        stack = stack_of(named(here.frames, owner), here.unit && here.unit.stack)
        lines << block_line(here.tid, here.first, here.last, what, stack, here.samples, here.unit)
      end
      @trace.flush # stacks that they name
      lines.join
    end

    def close_all
      @threads.each_value { |here| close_look(here) }
    end

    # What it did when it was looked at last, it does no more.
    def close_look(here)
      close_wait(here)
      close_busy(here)
    end
  end
end
