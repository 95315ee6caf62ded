# A shelf holds work until a thread takes it: a Queue, the queue of a pool, the list of a map.
module AbreastProbe
  # `units` are in the order in which they are taken. `takers` are the threads that have made requests with what they took,
  # each with the stack where it was made. `size` and `place` of the limit are nil where they are not known. `taken` has the
  # thread that took each item, by the item's id; `stacks` the stack of each line that puts items there.
  Shelf = Struct.new(:of, :type, :units, :takers, :size, :place, :taken, :stacks)
  MOST_TAKERS = 1000

  class << self
    def shelf_of(holder, of, type)
      @shelves[holder.object_id] ||= (bound(@shelves) && Shelf.new(of, type, [], {}, nil, nil, {}, {}))
    end

    MOST_OWN = 12 # frames of the recorder above the program's

    # The same line puts many: its first stack is used for all, since reading a whole stack takes long.
    def put(shelf)
      line = caller_locations(2, MOST_OWN).find { |one| one.path != FILE }
      stack = shelf.stacks[line && [line.path, line.lineno]] ||= asking_stack(watched.unit)
      shelf.units << hand_over(shelf.type, stack)
    end
    # The thread that calls works on it from now on.
    def take(shelf, unit)
      here = watched
      own = here.unit
      unit.taken_by(shelf, own && own.stack)
      # A thread that is a worker from its start begins with this: the item was no work for it before.
      unit.wanted = own.made if own && own.type == 'thread' && !own.used && own.made > unit.made
      begin_unit(here, unit)
    end

    # A request is made with it: the thread that took it is a worker.
    def count_taker(unit)
      takers = unit.shelf.takers
      takers[unit.thread] = unit.maker if takers.size < MOST_TAKERS
    end

    # How many take at once.
    def limit_of(shelf)
      limit = { 'kind' => 'workers', 'size' => shelf.size || shelf.takers.size, 'of' => shelf.of }
      place = shelf.place || own_line(@stack_frames[shelf.takers.values.compact.first])
      limit['setAt'] = place if place
      limit
    end

    # 'file:line' of the first frame that is neither the standard library nor a gem.
    def own_line(frames)
      own = (frames || []).find { |_, file| !library?(file) }
      own && "#{own[1]}:#{own[2]}"
    end

    def library?(file)
      LIBRARY.match?(file)
    end
  end
  LIBRARY = %r{/lib/ruby/|/gems/[^/]+-(?:\d|[0-9a-f]{12})[^/]*/|\A<internal:|\A\(eval}
end
