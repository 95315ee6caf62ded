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

    # A library that is loaded later is observed as soon as it is there: when its `require` returns, or (--disable-gems, where
    # that is a method in C) when the next file is compiled.
    def observe_loading
      compiled = TracePoint.new(:script_compiled) { loaded }
      compiled.enable
      required = TracePoint.new(:return) { loaded }
      required.enable(target: Kernel.instance_method(:require))
      @points << compiled << required
    rescue ArgumentError
      @points << compiled
    end

    def loaded
      return if @hidden && @observed.size == LIBRARIES.size
      guarded('loading') do
        hide_own_file unless @hidden
        observe_loaded
      end
    end

    # What observes a library, and whether that is loaded.
    LIBRARIES = {
      observe_net_http: -> { defined?(::Net::HTTPResponse) },
      observe_concurrent: -> do
        pool = ::Concurrent::RubyThreadPoolExecutor if defined?(::Concurrent::RubyThreadPoolExecutor)
        pool && pool.const_defined?(:Worker) # private
      end,
      observe_parallel: -> { defined?(::Parallel::JobFactory) },
    }.freeze

    def observe_loaded
      LIBRARIES.each do |observing, loaded|
        next if @observed.include?(observing) || !loaded.call
        @observed << observing
        send(observing)
      end
    end

    def observe_threads
      { thread_begin: :thread_begins, thread_end: :thread_ends }.each do |what, method|
        point = TracePoint.new(what) { |event| guarded(what) { send(method, event) } }
        point.enable
        @points << point
      end
      point = TracePoint.new(:raise) do |event|
        here = @threads[Thread.current]
        next unless here && (here.carries > 0 || here.opening)
        guarded('raise') { here.raised = [now, CLASS_NAME.bind_call(event.raised_exception.class) || 'Error'] }
      end
      point.enable
      @points << point
    end

    # `-r` is a require of this file, which is known as loaded only when that returns.
    def hide_own_file
      @hidden = !$LOADED_FEATURES.delete(FILE).nil?
    end
  end
end
