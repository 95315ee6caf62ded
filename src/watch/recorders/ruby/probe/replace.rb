# Methods in C can't be observed one by one, so the few that matter are replaced where they stand: no module more among
# the ancestors of a class, no other owner, and no frame of the recorder in the backtrace of an error.
module AbreastProbe
  REPLACED = %w[push << enq pop shift deq clear initialize list exit! exec].freeze
  LIST = Thread.method(:list)

  class << self
    # Runs `code` in place of the methods; inside of it `original` is the list of what stood there, by name.
    def replace(owner, names)
      verbose, $VERBOSE = $VERBOSE, nil # 'method redefined'
      names.each do |name|
        next unless owner.method_defined?(name, false) || owner.private_method_defined?(name, false)
        hidden = owner.private_method_defined?(name, false)
        yield name, owner.instance_method(name)
        owner.send(:ruby2_keywords, name)
        owner.send(:private, name) if hidden
      end
    ensure
      $VERBOSE = verbose
    end

    # Takes the recorder's frames out of an error's backtrace: what they called was called by whoever called them.
    def without_own_frames(error)
      lines = error.backtrace
      return if lines.nil? || lines.none? { |line| line.start_with?(FILE) }
      label = nil
      kept = lines.each_with_object([]) do |line, clean|
        if line.start_with?(FILE)
          label ||= line[/:in .*\z/]
        else
          clean << line[/\A.*:\d+(?=:in |\z)/].to_s + label if label
          label = nil
          clean << line
        end
      end
      error.set_backtrace(kept)
    end
  end
end
