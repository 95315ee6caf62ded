# Threads that are made, and items that are put into a queue: units of work.
module AbreastProbe
  # The units of the items in a Queue, in their order; what was taken out of it before; the threads that take.
  Shelf = Struct.new(:units, :taken, :takers, :place)

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

    def thread_made(thread)
      return if !@expecting || thread.equal?(@sampler)
      guarded('thread') { @making[thread] = hand_over('thread') }
    end

    def queue_made(queue, args, _)
      args = [] if queue.is_a?(SizedQueue)
      return if args.empty? || !@expecting
      guarded('queue') { queue.size.times { shelf_of(queue).units << hand_over('queue-item') } }
    end

    def item_put(queue, args, _)
      return unless @expecting
      guarded('queue') do
        shelf = shelf_of(queue)
        # Who takes what was taken before takes a permit or a connection, no work.
        shelf.units << (shelf.taken[args[0].object_id] ? nil : hand_over('queue-item'))
      end
    end

    def item_taken(queue, _, item)
      return unless @expecting && item
      guarded('queue') do
        shelf = @shelves[queue.object_id]
        next if shelf.nil?
        here = watched
        unit = shelf.units.shift
        bound(shelf.taken)[item.object_id] = true unless item.frozen?
        next if unit.nil?
        shelf.takers[here.tid] = here.unit ? here.unit.stack : nil unless shelf.takers.size > 1000
        own = here.unit
        unit.wanted = own.made if own && own.type == 'thread' && !own.used && own.made > unit.made
        begin_unit(here, unit)
      end
    end

    def queue_cleared(queue, _, _)
      @shelves.delete(queue.object_id) if @expecting
    end

    def shelf_of(queue)
      @shelves[queue.object_id] ||= (bound(@shelves) && Shelf.new([], {}, {}))
    end
  end
end
