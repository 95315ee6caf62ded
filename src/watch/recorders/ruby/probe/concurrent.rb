# supports: concurrent-ruby 1.1 to 1.3: items of a thread pool, which Promises and Future use, too, and its size
module AbreastProbe
  MOST_THREADS = 1 << 20 # more is none

  class << self
    def observe_concurrent
      pool = ::Concurrent::RubyThreadPoolExecutor
      observe(pool, :ns_initialize, nil, :pool_made)
      observe(pool, :ns_execute, :task_posted)
      observe(pool.const_get(:Worker), :run_task, :task_begins, :task_ends)
    end

    def pool_shelf(pool)
      shelf_of(pool, 'Concurrent::ThreadPoolExecutor max_threads', 'executor-item')
    end

    def pool_made(event)
      size = event.self.instance_variable_get(:@max_length)
      return if size.nil? || size > MOST_THREADS
      shelf = pool_shelf(event.self)
      shelf.size = size
      shelf.place = own_line(frames_of(caller_locations(1, 2 * MAX_FRAMES)))
    end

    def task_posted(event)
      put(pool_shelf(event.self)) if @expecting
    end

    # A pool takes its items in the order in which it was given them.
    def task_begins(event)
      shelf = pool_shelf(argument(event, :pool))
      unit = shelf.units.shift
      take(shelf, unit) if unit
    end

    def task_ends(_)
      watched.unit = nil
    end
  end
end
