# Threads that are made, and items that are put into a queue: units of work.
module AbreastProbe
  class << self
    def replace_hand_over
      replace(Thread, [:initialize]) do |name, original|
        Thread.send(:define_method, name) do |*args, &block|
          begin
            AbreastProbe.thread_made(self)
            original.bind_call(self, *args, &block)
          rescue Exception => error # rubocop:disable Lint/RescueException
            AbreastProbe.without_own_frames(error)
            Kernel.raise
          end
        end
      end
      [Queue, SizedQueue].each { |kind| replace_queue(kind) }
      replace(Thread.singleton_class, [:list]) do |name, original|
        Thread.define_singleton_method(name) { AbreastProbe.without_sampler(original.bind_call(self)) }
      end
    end

    def replace_queue(kind)
      changes = { initialize: :queue_made, push: :item_put, :<< => :item_put, enq: :item_put,
                  pop: :item_taken, shift: :item_taken, deq: :item_taken, clear: :queue_cleared }
      replace(kind, changes.keys) do |name, original|
        what = changes[name]
        kind.send(:define_method, name) do |*args, &block|
          begin
            result = original.bind_call(self, *args, &block)
          rescue Exception => error # rubocop:disable Lint/RescueException
            AbreastProbe.without_own_frames(error)
            Kernel.raise
          end
          AbreastProbe.send(what, self, args, result)
          result
        end
      end
    end

    def without_sampler(threads)
      threads - [@sampler]
    end

    # A thread that a library makes is one of its workers, or its own.
    def thread_made(thread)
      return if !@expecting || thread.equal?(@sampler)
      guarded('thread') do
        unit = hand_over('thread')
        made = @stack_frames[unit.stack]
        @making[thread] = made && library?(made.first[1]) ? nil : unit
      end
    end

    def queue_made(queue, args, _)
      args = [] if queue.is_a?(SizedQueue)
      return if args.empty? || !@expecting
      guarded('queue') { queue.size.times { put(queue_shelf(queue)) } }
    end

    def item_put(queue, args, _)
      return unless @expecting
      guarded('queue') do
        shelf = queue_shelf(queue)
        # Who takes what was taken before takes a permit or a connection, no work.
        shelf.taken[args[0].object_id] ? shelf.units << nil : put(shelf)
      end
    end

    def item_taken(queue, _, item)
      return unless @expecting && item
      guarded('queue') do
        shelf = @shelves[queue.object_id]
        next if shelf.nil?
        unit = shelf.units.shift
        bound(shelf.taken)[item.object_id] = true unless item.frozen?
        take(shelf, unit) if unit
      end
    end

    def queue_cleared(queue, _, _)
      @shelves.delete(queue.object_id) if @expecting
    end

    def queue_shelf(queue)
      shelf_of(queue, 'Queue workers', 'queue-item')
    end
  end
end
