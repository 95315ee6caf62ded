# Threads that are made, and items that are put into a queue: units of work.
module AbreastProbe
  class << self
    PUT = { initialize: :queue_made, push: :item_put, :<< => :item_put, enq: :item_put }.freeze
    TAKEN = { pop: :item_taken, shift: :item_taken, deq: :item_taken, clear: :queue_cleared }.freeze

    def replace_hand_over
      replace(Thread, { initialize: :itself_of }, :thread_made)
      replace(Thread.singleton_class, { list: :without_sampler })
      [Queue, SizedQueue].each { |kind| replace(kind, PUT.merge(TAKEN)) }
    end

    def itself_of(_, _, result)
      result
    end

    # Each Ractor has threads of its own.
    def without_sampler(_, _, threads)
      threads - [@sampler]
    rescue StandardError
      threads
    end

    # A thread that a library makes is one of its workers, or works for the library alone.
    def thread_made(thread)
      return unless @expecting
      guarded('thread') do
        next @making[thread] = nil if @sampler_maker.equal?(Thread.current)
        unit = hand_over('thread')
        made = @stack_frames[unit.stack]
        @making[thread] = made && library?(made.first[1]) ? nil : unit
      end
    end

    def queue_made(queue, _, result)
      guarded('queue') { queue.size.times { put(queue_shelf(queue)) } } if @expecting
      result
    end

    def item_put(queue, args, result)
      return result unless @expecting && result # nil: its time was over
      guarded('queue') do
        shelf = queue_shelf(queue)
        # What was taken before and is put back is a permit or a connection, no work.
        permit?(shelf, args[0]) ? permit_back(shelf) : put(shelf)
      end
      result
    end

    # The threads that took from this queue before were no workers either.
    def permit_back(shelf)
      shelf.units << nil
      shelf.takers.clear
    end

    # A frozen object (a symbol, a number) may be many items: it is a permit only if the thread that took it puts it back.
    def permit?(shelf, item)
      taker = shelf.taken[item.object_id]
      taker && (!item.frozen? || taker == Thread.current.object_id)
    end

    def item_taken(queue, _, item)
      return item unless @expecting && item
      guarded('queue') do
        shelf = @shelves[queue.object_id]
        next if shelf.nil?
        unit = shelf.units.shift
        bound(shelf.taken)[item.object_id] = Thread.current.object_id
        take(shelf, unit) if unit
      end
      item
    end

    def queue_cleared(queue, _, result)
      guarded('queue') { @shelves.delete(queue.object_id) } if @expecting
      result
    end

    def queue_shelf(queue)
      shelf_of(queue, 'Queue workers', 'queue-item')
    end
  end
end
