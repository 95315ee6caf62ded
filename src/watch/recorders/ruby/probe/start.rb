# The beginning and the end of the recording, in this process and in its children.
module AbreastProbe
  class << self
    def start
      @zero_us = CLOCK.call(Process::CLOCK_MONOTONIC, :microsecond)
      @started_us = wall_us
      @keep_urls = !ENV['ABREAST_KEEP_URLS'].to_s.empty?
      @pattern = ENV['ABREAST_TRACE']
      @points = []
      @observed = []
      @replaced = 0
      @hidden = @expecting = false
      @turn = 0
      hide_own_folder
      begin_process(false)
      @trace.begin
      return if @trace.ended
      pair_clocks
      replace_hand_over
      replace_endings
      observe_threads
      observe_loading
      observe_loaded
      at_exit { at_end(exit_code) }
    end

    def begin_process(forked)
      @pid = PID.call
      @trace = TraceFile.new(@pattern, forked)
      @threads = {}.compare_by_identity
      @making = {}.compare_by_identity
      @numbers = Hash.new(0)
      @clocks = []
      @troubles = []
      @pending = {}
      @routes = {}
      @routes_by_socket = {}
      @shelves = {}
      @stacks = {}
      @stack_frames = {}
      @holders = {}
      @requested = {}
      @blind = false
      @looked_us = 0
      @sampler = @environment_at = nil
      @tail_at = @paired_at = @finished_at = 0
    end

    # After fork: a file of its own, begun with its first record; no thread but this one, no exchange of the parent.
    def in_child
      begin_process(true)
      pair_clocks
    end

    # The end of the process: what is still open, the environment as it is now, and `end`.
    def at_end(code)
      return if @trace.ended || PID.call != @pid
      guarded('end') do
        stop_sampler
        close_all
        @pending.values.each { |exchange| @trace.write(exchange_line(exchange)) }
        @pending.clear
        write_environment
        pair_clocks
        fields = { 'endedUs' => now }
        fields['exitCode'] = code if code
        lost = @trace.lost.reject { |_, count| count.zero? }
        @trace.write(line_of('end', fields.merge('lost' => lost, 'clocks' => @clocks)))
        @trace.flush
      end
      @trace.ended = true
    end

    # nil: a signal ends it.
    def exit_code
      case $!
      when nil then 0
      when SystemExit then $!.status
      when SignalException then nil
      else 1
      end
    end

    # What ends a process without at_exit, or puts another program into it. Kernel's are methods of every object: no name
    # more may stand beside them.
    def replace_endings
      verbose, $VERBOSE = $VERBOSE, nil
      [Kernel, Kernel.singleton_class, Process.singleton_class].each do |owner|
        [:exit!, :exec].each { |name| replace_ending(owner, name, owner.instance_method(name)) }
      end
    ensure
      $VERBOSE = verbose
    end

    def replace_ending(owner, name, original)
      hidden = owner.private_method_defined?(name)
      owner.send(:define_method, name) do |*args|
        AbreastProbe.leaves(name, args)
        begin
          original.bind_call(self, *args)
        rescue Exception => error
          AbreastProbe.without_own_frames(error)
          Kernel.raise
        end
      end
      owner.send(:ruby2_keywords, name)
      owner.send(:private, name) if hidden
    end

    def leaves(name, args)
      return guarded('exec') { @trace.flush } if name == :exec
      code = args[0]
      at_end(code.is_a?(Integer) ? code : code == true ? 0 : 1)
    end

    # RUBYLIB has the folder of the probe where RUBYOPT can't name it.
    def hide_own_folder
      folder = File.dirname(FILE)
      $LOAD_PATH.delete(folder) if ENV['RUBYLIB'].to_s.split(File::PATH_SEPARATOR).first == folder
    end
  end

  private_constant(*constants(false))
end
Object.send(:private_constant, :AbreastProbe)

unless ENV['ABREAST_TRACE'].to_s.empty?
  begin
    AbreastProbe.start
  rescue StandardError, NotImplementedError
    raise if ENV['ABREAST_DEBUG']
  end
end
