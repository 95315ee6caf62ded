# Methods in C can't be observed one by one, so the few that matter are replaced where they stand: no module more among
# the ancestors of a class, no other owner, and no frame of the recorder in the backtrace of an error.
module AbreastProbe
  REPLACED = %w[push << enq pop shift deq clear initialize list exit! exec].freeze
  LIST = Thread.method(:list)

  class << self
    # Puts a method in the place of each of those named: it calls what stood there, and then the recorder's method of the
    # second name with the object, the arguments and the result, which it gives back. `before` is called with the object
    # ahead of it. They are made by `def`: a Ractor can't call what a block of another one made.
    def replace(owner, changes, before = nil)
      verbose, $VERBOSE = $VERBOSE, nil # 'method redefined'
      changes.each do |name, told|
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
            AbreastProbe.#{told}(self, args, result)
          end
        RUBY
        owner.send(:ruby2_keywords, name)
        owner.send(:private, name) if hidden
      end
    ensure
      $VERBOSE = verbose
    end

    # Takes the recorder's frames out of an error's backtrace. A method in C stands at the line that called it, which is one
    # of the recorder's: it was called by whoever called the recorder. One in Ruby, as Queue#pop since 3.2, has its own line.
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
