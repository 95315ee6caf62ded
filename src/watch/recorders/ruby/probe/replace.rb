# Methods in C can't be observed one by one, so the few that matter are replaced in their own class: it gets no further
# ancestor, the methods keep their owner, and the backtrace of an error has no frame of the recorder.
module AbreastProbe
  REPLACED = %w[push << enq pop shift deq clear initialize list exit! exec].freeze
  LIST = Thread.method(:list)

  class << self
    # Replaces methods, by name. The new method calls the original, and then the recorder's method of the second name with
    # the object, the arguments and the result, and returns what that returns. The recorder's method `before`, if there is
    # one, is called with the object first. They are made by `def`: a Ractor can't call what a block of another one made.
    def replace(owner, changes, before = nil)
      verbose, $VERBOSE = $VERBOSE, nil # 'method redefined'
      changes.each do |name, noting|
        hidden = owner.private_method_defined?(name)
        next unless hidden || owner.method_defined?(name)
        kept = "_abreast_#{@replaced += 1}"
        owner.send(:alias_method, kept, name)
        owner.send(:private, kept)
        owner.class_eval(<<-RUBY, FILE, __LINE__ + 1)
          def #{name}(*args, &block)
            #{"AbreastProbe.#{before}(self)" if before}
            begin
              result = #{kept}(*args, &block)
            rescue Exception => error
              AbreastProbe.without_own_frames(error)
              Kernel.raise
            end
            AbreastProbe.#{noting}(self, args, result)
          end
        RUBY
        owner.send(:ruby2_keywords, name)
        owner.send(:private, name) if hidden
      end
    ensure
      $VERBOSE = verbose
    end

    # Takes the recorder's frames out of an error's backtrace. A method in C has the line of its caller, which is here one of
    # the recorder's: it gets the line of the recorder's caller. One in Ruby, as Queue#pop since 3.2, has a line of its own.
    def without_own_frames(error)
      lines = error.backtrace
      return if lines.nil? || lines.none? { |line| line.start_with?(FILE) }
      own = []
      kept = lines.each_with_object([]) do |line, clean|
        next own << line if line.start_with?(FILE)
        clean << line[/\A.*:\d+(?=:in |\z)/].to_s + own.first[/:in .*\z/].to_s if own.size > 1
        own.clear
        clean << line
      end
      error.set_backtrace(kept)
    end
  end
end
