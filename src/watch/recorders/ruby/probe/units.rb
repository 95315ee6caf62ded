# Units of work.
module AbreastProbe
  # Work that the program hands over to run concurrently: a thread, or an item of a queue.
  class Unit
    attr_reader :type, :made, :stack, :parent, :shelf, :maker
    attr_accessor :begun, :used, :thread, :wanted

    def initialize(type, made, stack, parent = nil)
      @type = type
      @parent = parent
      @made = @wanted = made
      @stack = stack
      @used = false
      @number = @begun = @thread = @shelf = @maker = nil
    end

    # From a Shelf, by a thread that was made where the stack `maker` says.
    def taken_by(shelf, maker)
      @shelf = shelf
      @maker = maker
    end

    # Its number. It is written when something refers to it: most threads make no request.
    def number
      @number || tell
    end

    def tell
      @number = AbreastProbe.next_number(:unit)
      fields = { 'id' => @number, 'pid' => PID.call, 'type' => @type }
      fields['parent'] = @parent.number if @parent
      fields['madeUs'] = @made
      fields['begunUs'] = @begun if @begun
      fields['madeAt'] = @stack if @stack
      AbreastProbe.trace.write(AbreastProbe.line_of('unit', fields))
      @number
    end
  end

  class << self
    attr_reader :trace

    def next_number(what)
      @numbers[what] += 1
    end

    # A Unit that is handed over now.
    def hand_over(type, stack = nil)
      here = watched
      here.asks = true
      Unit.new(type, now, stack || asking_stack(here.unit), here.unit)
    end

    def asking_stack(unit)
      stack_here(unit && unit.stack)
    end
  end
end
