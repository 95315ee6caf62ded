# Methods in Ruby are observed by a TracePoint of that method alone: nothing is replaced, and no backtrace shows it.
module AbreastProbe
  class << self
    def observe(owner, name, entered, left = nil)
      method = owner.instance_method(name)
      method = method.super_method until method.owner == owner || method.super_method.nil?
      point = TracePoint.new(*[entered && :call, left && :return].compact) do |event|
        guarded(name) { send(event.event == :call ? entered : left, event) }
      end
      point.enable(target: method)
      @points << point
    rescue NameError, ArgumentError => error
      trouble("observing #{name}", error) # another version of the library has no such method
    end

    def argument(event, name)
      event.binding.local_variable_get(name)
    rescue NameError
      nil
    end

    # Libraries that are loaded later are observed from then on: their last file compiles when the rest is there.
    def observe_loading
      point = TracePoint.new(:script_compiled) do |event|
        hide_own_file
        next unless event.instruction_sequence.path.end_with?('net/http/backward.rb', 'net/http/proxy_delta.rb')
        guarded('net/http') { observe_net_http }
      end
      point.enable
      @points << point
    end

    def observe_threads
      { thread_begin: :thread_begins, thread_end: :thread_ends }.each do |what, method|
        point = TracePoint.new(what) { |event| guarded(what) { send(method, event) } unless Thread.current.equal?(@sampler) }
        point.enable
        @points << point
      end
      point = TracePoint.new(:raise) do |event|
        here = @threads[Thread.current]
        here.raised = [now, event.raised_exception.class.name] if here && (here.carries > 0 || here.opening)
      end
      point.enable
      @points << point
    end

    # What is loaded by the program is no business of the recorder, and the other way round.
    def hide_own_file
      return if @hidden
      @hidden = true
      $LOADED_FEATURES.delete(FILE)
    end
  end
end
