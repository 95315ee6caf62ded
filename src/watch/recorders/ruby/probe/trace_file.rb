# The file that the trace of this process is written to.
module AbreastProbe
  # The program's threads hand lines over; the sampler writes them.
  class TraceFile
    attr_reader :lost
    attr_accessor :ended

    F_DUPFD = 0
    OUT_OF_THE_WAY = 200 # a descriptor of the program keeps the number that it would have had
    MOST_WAITING = 2000

    def initialize(pattern, forked)
      @pattern = pattern
      @pid = PID.call
      @forked = forked
      @waiting = []
      @writing = Mutex.new
      @lost = { 'dropped' => 0, 'notUnderstood' => 0, 'clamped' => 0 }
      @committed = 0
      @has_tail = @ended = false
      @io = nil
    end

    def begun?
      !@io.nil?
    end

    # Whether what holds for now is at its end.
    def tail?
      @has_tail
    end

    def begin
      @path = choose
      return @ended = true if @path.nil?
      open(File::TRUNC)
      put(AbreastProbe.head(@forked))
    end

    def write(line)
      return if @ended
      @waiting << line
      flush if !AbreastProbe.sampling? || @waiting.size > MOST_WAITING
    end

    def flush
      return if @waiting.empty? || !@writing.try_lock
      lines = []
      begin
        lines = @waiting.shift(@waiting.size)
        self.begin unless begun? || @ended
        put(lines.join) unless @ended
      rescue StandardError
        @lost['dropped'] += lines.size
      ensure
        @writing.unlock
      end
    end

    # Lines that hold for now: the next ones take their place, unless the process ends before.
    def write_tail(text)
      return if !begun? || @ended || !@writing.try_lock
      begin
        put(text, true)
      ensure
        @writing.unlock
      end
    end

    private

    def put(text, for_now = false)
      open(0) unless ours?
      @io.truncate(@committed) if @has_tail
      written = @io.pwrite(text, @committed)
      @has_tail = for_now
      @committed += written unless for_now
    end

    # The program may have closed all descriptors, as daemons do.
    def ours?
      @io.stat.ino == @inode
    rescue SystemCallError, IOError
      false
    end

    def open(how)
      @io = File.open(@path, File::WRONLY | File::CREAT | how, 0o600)
      @inode = @io.stat.ino
      away = File.for_fd(@io.fcntl(F_DUPFD, OUT_OF_THE_WAY), File::WRONLY)
      away.close_on_exec = true
      @io.close
      @io = away
    rescue Errno::EINVAL, Errno::EMFILE
      @io.close_on_exec = true
    end

    # The file named, unless a process that lives, or another one of this command, has written it.
    def choose
      return @pattern.gsub('%p', @pid.to_s) if @pattern.include?('%p')
      unless @forked
        begin
          File.open(@pattern, File::WRONLY | File::CREAT | File::EXCL, 0o600).close
          return @pattern
        rescue SystemCallError
          return nil unless File.exist?(@pattern)
        end
        return @pattern unless in_use?
      end
      extension = File.extname(@pattern)
      "#{@pattern.delete_suffix(extension)}.#{@pid}#{extension}"
    end

    def in_use?
      process = File.foreach(@pattern).first(2).last.to_s
      pid = process[/"pid":(\d+)/, 1]
      return true if pid.nil? || process[/"group":(\d+)/, 1] == Process.getpgrp.to_s
      Process.kill(0, pid.to_i)
      true
    rescue Errno::ESRCH
      false
    rescue SystemCallError
      true
    end
  end
end
