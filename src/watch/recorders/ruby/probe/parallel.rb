# supports: parallel 1.x: items of a map, which are wanted when it is called
module AbreastProbe
  class << self
    def observe_parallel
      list = ::Parallel.const_get(:JobFactory)
      observe(list, :initialize, nil, :list_made)
      observe(list, :next, nil, :list_taken)
    end

    # What a producer gives is not known before it gives it.
    def list_made(event)
      return if !@expecting || event.self.instance_variable_get(:@lambda)
      put(shelf_of(event.self, 'Parallel workers', 'executor-item'))
    end

    def list_taken(event)
      shelf = @shelves[event.self.object_id]
      return if shelf.nil?
      all = shelf.units.first
      shelf.place ||= own_line(@stack_frames[all.stack])
      if event.return_value
        take(shelf, Unit.new(all.type, all.made, all.stack, all.parent))
      else
        watched.unit = nil
      end
    end
  end
end
