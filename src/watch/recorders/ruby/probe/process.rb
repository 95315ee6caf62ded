# What a trace begins with: the recorder, the machine, the process.
module AbreastProbe
  SEES = %w[exchange connection connectionClosed stack block environment unit wantedUs calledUs dispatchedUs
            connectedUs sentUs answeredUs readUs status thread].freeze

  class << self
    # The first two lines of a trace.
    def head(forked)
      argv = clean_argv(command_line)
      run = { 'version' => 2, 'startedUs' => @started_us, 'command' => argv,
              'recorders' => [{ 'name' => 'ruby', 'version' => VERSION, 'sees' => SEES }] }
      machine = host
      run['host'] = machine if machine
      process = { 'pid' => PID.call, 'parent' => Process.ppid }
      process['group'] = Process.getpgrp if Process.respond_to?(:getpgrp)
      process.update('startedUs' => forked ? now : 0, 'argv' => argv)
      line_of('run', run) + line_of('process', process)
    end

    def command_line
      return File.binread('/proc/self/cmdline').split("\0", -1)[0...-1] if File.readable?('/proc/self/cmdline')
      ['ruby', $PROGRAM_NAME] + ARGV
    end

    def host
      return nil unless LINUX
      allowed = File.read('/proc/self/status')[/^Cpus_allowed_list:\s*(\S+)/, 1].to_s
      cpus = allowed.split(',').sum do |range|
        first, last = range.split('-').map(&:to_i)
        (last || first) - first + 1
      end
      { 'os' => 'linux', 'kernel' => File.read('/proc/sys/kernel/osrelease').strip, 'cpus' => [cpus, 1].max }
    rescue SystemCallError
      nil
    end

    # The kernel's id of the thread that calls. After fork, Ruby 3.1 still has that of the parent.
    def native_id
      return File.readlink('/proc/thread-self').split('/').last.to_i if LINUX
      here = Thread.current
      here.respond_to?(:native_thread_id) ? here.native_thread_id : here.object_id
    rescue SystemCallError
      Thread.current.object_id
    end
  end
end
