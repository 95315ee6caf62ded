# The threads of the program.
module AbreastProbe
  # What is known of a thread.
  class Watched
    attr_reader :thread, :tid, :held
    attr_accessor :unit, :asks, :carries, :events, :event_at, :raised, :opening,
                  :seen, :first, :last, :samples, :frames, :waits, :busy, :busy_from, :busy_to, :busy_events

    def initialize(thread, tid)
      @thread = thread
      @tid = tid
      @unit = nil # that it works on
      @asks = false # it handed work over
      @carries = 0 # exchanges that are called and not read
      @events = 0 # steps of exchanges, so that two equal waits are not taken for one
      @event_at = 0
      @raised = nil # when it last raised an error, and its class
      @opening = nil # the connection that it opens
      @seen = @frames = @waits = nil
      @first = @last = @samples = 0
      @held = [] # waits that count only if its work turns out to make a request
      @busy = []
      @busy_from = @busy_to = @busy_events = 0
    end

    def passed(at)
      @events += 1
      @event_at = at
    end
  end

  class << self
    # Of the thread that calls.
    def watched
      thread = Thread.current
      @threads[thread] ||= Watched.new(thread, native_id)
    end

    def thread_begins(_)
      return unless @expecting
      thread = Thread.current
      unit = @making.fetch(thread) { Unit.new('thread', now, nil) } # Thread.start calls no initialize
      @making.delete(thread)
      begin_unit(watched, unit) if unit
    end

    def thread_ends(_)
      here = @threads.delete(Thread.current)
      close_look(here) if here
    end

    # The thread works on it from now on.
    def begin_unit(here, unit)
      here.unit = unit
      here.seen = here.waits = nil # what it waited for until now was work
      here.held.clear
      unit.begun = now
      unit.thread = here.tid
    end
  end
end
