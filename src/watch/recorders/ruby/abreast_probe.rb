# frozen_string_literal: true

# Made by scripts/ruby-probe.ts.
if !defined?(AbreastProbe) && RUBY_ENGINE == 'ruby' && (RUBY_VERSION.split('.').map { |part| part.to_i } <=> [2, 7]) >= 0

# originals.rb ------------------------------------------------------------------------------------------------------
# What the recorder needs of the program's own world, as it is before it is replaced.
module AbreastProbe
  FILE = __FILE__
  VERSION = '1'
  LINUX = RUBY_PLATFORM.include?('linux')
  CLOCK = Process.method(:clock_gettime)
  SLEEP = Kernel.method(:sleep)
  PID = Process.method(:pid)
  CLASS_NAME = Module.instance_method(:name)
  NEW_THREAD = Thread.method(:new)
  # A Timeout or a kill that arrives while the recorder works belongs to the program: it is delivered behind it.
  LATER = { Object => :never }.freeze
  AT_ONCE = { Object => :immediate }.freeze

  class << self
    # Microseconds since the trace began.
    def now
      CLOCK.call(Process::CLOCK_MONOTONIC, :microsecond) - @zero_us
    end

    def wall_us
      CLOCK.call(Process::CLOCK_REALTIME, :microsecond)
    end

    # Remembers a time of the trace and the Unix time then, so that traces of two recorders can be laid side by side.
    def pair_clocks
      @clocks << [now, wall_us]
    end

    # Runs the recorder's own code: nothing in it reaches the program.
    def guarded(where)
      Thread.handle_interrupt(LATER) do
        begin
          in_child if PID.call != @pid
          yield
        rescue StandardError, NotImplementedError => error # what a platform has not
          trouble(where, error)
        end
      end
    end

    # A recorder's own fault: said once a place, and counted.
    def trouble(where, error)
      @trace.lost['notUnderstood'] += 1
      place = "#{where}: #{error.class}"
      return if @troubles.include?(place) || @troubles.size > 50
      @troubles << place
      text = ENV['ABREAST_DEBUG'] ? "#{place} #{error.message} #{error.backtrace.first(5).join(' ')}" : place
      @trace.write(line_of('note', 'atUs' => now, 'text' => text))
    rescue StandardError
      nil
    end
  end
end

# secret_rules.rb ---------------------------------------------------------------------------------------------------
# Which names and which tokens are credentials. Made of src/trace/secrets/rules.ts by scripts/secret-rules.ts.

module AbreastProbe
  SECRET_ANYWHERE = [
    'authorization|secret|passw|passphrase|passcode|jwt|bearer|cookie|csrf|xsrf',
  ].join('|')
  SECRET_AT_THE_END = [
    'token|tokenhint|signature|hmac|credential|credentials|assertion|nonce|pwd|userpw|sessionid|sessid',
    'authhash|authticket|codeverifier|oauthverifier|authcode|accesscode|devicecode|securitycode',
    'verificationcode|apikey|accesskey|privatekey|signingkey|sessionkey|encryptionkey|accountkey|authkey',
    'masterkey|sharedkey|subscriptionkey|functionkey|functionskey|consumerkey|clientkey|appkey|applicationkey',
    'adminkey|serverkey|servicekey|writekey|streamkey|licensekey|developerkey|deploykey|passkey|apikeyid',
    'accesskeyid|privatekeyid|keypairid',
  ].join('|')
  SECRET_WHOLE = [
    'pass|userpass|dbpass|pw|psk|sig|sid|otp|totp|session|auth|xauth|httpauth|proxyauth|basicauth|bearerauth',
    'oauth|authentication',
  ].join('|')
  SECRET_WHOLE_IN_URLS = [
    'key|code|ticket|googleaccessid|pgtid|pgtiou|samlresponse|samlart|relaystate|wresult',
  ].join('|')
  SECRET_TOKENS = [
    '(?:ghp_|gho_|ghu_|ghs_|ghr_|github_pat_)\\w{16,}|(?:glpat-)[\\w-]{16,}',
    '(?:xoxa-|xoxb-|xoxe-|xoxo-|xoxp-|xoxr-|xoxs-)[\\w-]{8,}|(?:sk_live_|sk_test_|rk_live_|rk_test_)\\w{8,}',
    '(?:sk-)[\\w-]{16,}|(?:AKIA|ASIA)[A-Z0-9]{12,}|(?:AIza)[\\w-]{30,}|(?:ya29\\.)[\\w.-]{16,}|(?:npm_)\\w{30,}',
    '(?:pypi-)[\\w-]{16,}|(?:hf_)\\w{20,}|(?:dop_v1_)\\w{16,}',
  ].join('|')
end

# secret_names.rb ---------------------------------------------------------------------------------------------------
# The rules of src/trace/secrets, in Ruby: test/trace/secrets/examples.ts holds all of them to the same answers.
module AbreastProbe
  HIDDEN = '***'
  SECRET_NAME = /#{SECRET_ANYWHERE}|(?:#{SECRET_AT_THE_END})\d*\z|\A(?:#{SECRET_WHOLE})\d*\z/
  SECRET_IN_URLS = /\A(?:#{SECRET_WHOLE_IN_URLS})\z/
  # The last is a JWT.
  KNOWN_TOKEN = /(?<![A-Za-z0-9])(?:#{SECRET_TOKENS}|eyJ[\w-]{6,}\.[\w-]{6,}\.[\w-]*)/
  UUID = /\A[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\z/i

  class << self
    def secret_name?(name)
      SECRET_NAME.match?(word_of(name))
    end

    def secret_parameter?(name)
      @known_names ||= {}
      known = @known_names[name]
      return known unless known.nil?
      plain = decoded(name)
      secret = secret_name?(plain) || SECRET_IN_URLS.match?(word_of(plain))
      @known_names[name] = secret if @known_names.size < 1000
      secret
    end

    def secret_variable?(name)
      secret_name?(name) || name.downcase.end_with?('_key')
    end

    # Whether a value looks like a credential by itself: long, and of the mix that chance makes. UUIDs are ids.
    def looks_secret?(value)
      return false if value.length < 16
      return true if KNOWN_TOKEN.match?(value)
      return value.match?(/[0-9]/) && value.match?(/[a-f]/i) if value.match?(/\A[0-9a-f]{32,}\z/i)
      value.length >= 24 && value.match?(%r{\A[\w+/.~-]+=*\z}) && value.match?(/[a-z]/) && value.match?(/[A-Z]/) &&
        value.match?(/[0-9].*[0-9]/) && !UUID.match?(value)
    end

    def hide_known(text)
      text.length < 13 ? text : text.gsub(KNOWN_TOKEN, HIDDEN)
    end

    def word_of(name)
      name.downcase.gsub(/[^a-z0-9]/, '')
    end

    # Each %XX as the character of that number: enough to tell names and shapes, and nothing is too broken for it.
    def decoded(text)
      return text unless text.include?('%')
      text.gsub(/%([0-9a-f]{2})/i) { [$1.hex].pack('U') }
    end
  end
end

# secret_urls.rb ----------------------------------------------------------------------------------------------------
# Secrets of URLs, of texts and of command lines.
module AbreastProbe
  # A login is between two slashes and the last '@' before the next slash.
  LOGIN = %r{(?<=[/\\]{2})[^/\\?#]+(?=@)}
  # A URL parser needs no slashes after the schemes it knows, and people leave out the scheme.
  BARE_LOGIN = %r{\A(?!mailto:)(\s*(?:(?:https?|wss?|ftp):[/\\]?)?)([^/\\?#@:]*:[^/\\?#]+)(?=@)}i
  # A password with a raw '/', '?' or '#' is not valid, but people type it: no port follows the colon.
  ODD_PASSWORD = %r{\A([^/\\?#@]*[/\\]{2}[^/\\?#@:\[]*:)(?!\d*(?:[/\\?#]|\z))[^@/\\?#]*[/\\?#].*(?=@)}m
  SECRET_OPTIONS = %w[-H -b --header --proxy-header --cookie].freeze
  LOGIN_OPTIONS = %w[-u -U --user --proxy-user].freeze

  class << self
    def clean_url(url)
      return url if @keep_urls || url.empty?
      plain = url.include?('@') ? clean_login(url) : url
      from = plain.index(/[?#]/)
      return clean_path(plain) if from.nil?
      clean_path(plain[0...from]) + clean_parameters(plain[from..-1])
    end

    def clean_path(path)
      known = hide_known(path)
      known.include?(';') ? known.gsub(%r{[^/]*;[^/]*}) { |segment| clean_parameters(segment) } : known
    end

    def clean_login(url)
      url.sub(ODD_PASSWORD) { $1 + HIDDEN }
         .sub(BARE_LOGIN) { $1 + clean_user($2) }
         .gsub(LOGIN) { |login| clean_user(login) }
    end

    # 'user:password': with an empty password the user is the credential, as Stripe has it.
    def clean_user(login)
      user, colon, password = login.partition(':')
      return looks_secret?(login) ? HIDDEN : login if colon.empty?
      return HIDDEN + colon + password if password.empty? || %w[x-oauth-basic x-access-token].include?(password)
      (looks_secret?(user) ? HIDDEN : user) + colon + HIDDEN
    end

    def clean_parameters(text)
      text.gsub(/([^?&;#=]*)=([^?&;#]+)/) do |pair|
        name, value = $1, $2
        secret_parameter?(name) || (value.length > 5 && holds_secret?(value)) ? "#{name}=#{HIDDEN}" : pair
      end
    end

    # By its shape, or because it is a URL, parameters or JSON of its own, however often it is encoded.
    def holds_secret?(value)
      return true if looks_secret?(value)
      return false unless value.match?(%r{[%="]|//})
      5.times do
        return true if value.include?('//') && value.include?('@') && clean_login(value) != value
        return true if value.split(/[?&;#]/).any? { |pair| secret_pair?(pair) } || secret_member?(value)
        outer = value
        value = decoded(outer)
        return false if value == outer
      end
      false
    end

    def secret_pair?(pair)
      names = pair.split('=', -1)
      value = names.pop || ''
      looks_secret?(pair) || looks_secret?(value) ||
        (value != '' && value != HIDDEN && names.any? { |name| secret_parameter?(name) })
    end

    # JSON as '{"token":"x"}'.
    def secret_member?(text)
      parts = text.split('"', -1)
      parts.each_with_index.any? { |name, at| (parts[at + 1] || '').match?(/\A *:/) && secret_name?(name) }
    end

    # A text without the credentials that can be recognized in it: URLs, NAME=value, 'name': 'value'.
    def clean_text(text)
      return looks_secret?(text) && !'./~'.include?(text[0]) ? HIDDEN : text unless text.match?(/[=:]/)
      unless text.match?(/[\s'"]/)
        return clean_url(text) if text.include?('://') && !text.match?(/\A-{0,2}[\w-]+=/)
        name, sign, value = text.partition(text.include?('=') ? '=' : ':')
        return name + sign + HIDDEN if secret_variable?(name) || looks_secret?(value)
        return name + sign + (value.include?('://') ? clean_url(value) : value)
      end
      text.gsub(%r{[a-zA-Z][a-zA-Z0-9+.-]*://[^\s'"<>]+}) { |url| clean_url(url) }
          .gsub(/([\w-]+)(["']?\s*[=:]\s*["']?)([^\s'"&\/][^\s'"&]*)/) do |whole|
        name, between, value = $1, $2, $3
        secret_variable?(name) || looks_secret?(value) ? name + between + HIDDEN : whole
      end
    end

    def clean_argv(words)
      before = ''
      words.map do |given|
        word = text_of(given)
        login = LOGIN_OPTIONS.include?(before) && (word.include?(':') || looks_secret?(word))
        named = before.start_with?('--') && !before.include?('=') && secret_name?(before)
        cleaned = login || named || SECRET_OPTIONS.include?(before) ? HIDDEN : clean_text(word)
        before = word
        cleaned
      end
    end
  end
end

# json.rb -----------------------------------------------------------------------------------------------------------
# `json` would be one more library in the program.
module AbreastProbe
  ESCAPED = /["\\\u0000-\u001f\u007f-\u{10ffff}]/

  class << self
    def dumps(value)
      case value
      when nil then 'null'
      when true, false, Integer then value.to_s
      when Hash then "{#{value.map { |key, one| "#{quote(key)}:#{dumps(one)}" }.join(',')}}"
      when Array then "[#{value.map { |one| dumps(one) }.join(',')}]"
      else quote(value.to_s)
      end
    end

    def quote(value)
      text = text_of(value)
      return "\"#{text}\"" unless text.match?(ESCAPED)
      '"' + text.gsub(ESCAPED) { |letter| escaped(letter) } + '"'
    end

    def escaped(letter)
      return "\\#{letter}" if letter == '"' || letter == '\\'
      code = letter.ord
      return format('\\u%04x', code) if code < 0x10000
      format('\\u%04x\\u%04x', 0xd7c0 + (code >> 10), 0xdc00 + (code & 0x3ff))
    end

    # As UTF-8: what is none becomes '?'.
    def text_of(value)
      text = value.to_s
      return text if text.encoding == Encoding::UTF_8 && text.valid_encoding?
      text.dup.force_encoding(Encoding::UTF_8).scrub('?')
    end

    def line_of(kind, fields)
      "{\"kind\":\"#{kind}\",#{fields.map { |name, value| "\"#{name}\":#{dumps(value)}" }.join(',')}}\n"
    end
  end
end

# trace_file.rb -----------------------------------------------------------------------------------------------------
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

# process.rb --------------------------------------------------------------------------------------------------------
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

# stacks.rb ---------------------------------------------------------------------------------------------------------
# Stacks, as the trace has them.
module AbreastProbe
  MAX_FRAMES = 60
  MAX_STACKS = 5000

  class << self
    # The id of the stack of the thread that calls, followed by the stack `above`, where its work was handed over.
    def stack_here(above = nil)
      stack_of(frames_of(caller_locations(1, 2 * MAX_FRAMES)), above)
    end

    def stack_of(frames, above = nil)
      key = [above, frames]
      known = @stacks[key]
      return known if known
      return nil if @stacks.size >= MAX_STACKS
      all = (frames + (above ? @stack_frames[above] : [])).first(MAX_FRAMES)
      return nil if all.empty?
      number = @stacks[key] = @stacks.size + 1
      @stack_frames[number] = all
      @trace.write(line_of('stack', 'id' => number, 'frames' => all.map { |frame| described(frame) }))
      number
    end

    # [function, file, line, class of self], leaf first, without the recorder's own. A method in C has no file: its frame
    # says where it was called. Where that is in the recorder, the place of the recorder's caller is used.
    def frames_of(locations)
      frames = []
      leaf = nil
      (locations || []).each do |location|
        path = location.path
        if path == FILE
          leaf ||= location if frames.empty?
        else
          file = location.absolute_path || path
          if leaf
            frames << [leaf.base_label, file, location.lineno, nil] if REPLACED.include?(leaf.base_label)
            leaf = nil
          end
          frames << [location.base_label, file, location.lineno, owner_of(location)]
        end
        break if frames.size >= MAX_FRAMES
      end
      frames
    end

    # Ruby 3.4 says 'Net::HTTP#request'.
    def owner_of(location)
      location.label[/([A-Z][\w:]*)[#.][^#.]+\z/, 1]
    end

    def described(frame)
      function, file, line, owner = frame
      fields = { 'function' => function, 'file' => text_of(file), 'line' => [line, 1].max }
      fields['self'] = owner if owner
      fields
    end

    # What stacks have in common from the root, leaf first; the lines are those of the last.
    def common_frames(stacks)
      turned = stacks.map(&:reverse)
      depth = 0
      depth += 1 while turned.all? { |one| one[depth] && one[depth][0, 2] == turned[0][depth][0, 2] }
      turned.last.first(depth).reverse
    end
  end
end

# units.rb ----------------------------------------------------------------------------------------------------------
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

# threads.rb --------------------------------------------------------------------------------------------------------
# The threads of the program.
module AbreastProbe
  # What is known of a thread.
  class Watched
    attr_reader :thread, :tid, :held
    attr_accessor :unit, :asks, :carries, :events, :event_at, :raised, :opening,
                  :seen, :first, :last, :samples, :frames, :waits, :busy, :busy_from, :busy_to, :busy_events

    def initialize(thread, tid)
      @thread = thread
      @tid = tid
      @unit = nil # that it works on
      @asks = false # it handed work over
      @carries = 0 # exchanges that are called and not read
      @events = 0 # steps of exchanges, so that two equal waits are not taken for one
      @event_at = 0
      @raised = nil # when it last raised an error, and its class
      @opening = nil # the connection that it opens
      @seen = @frames = @waits = nil
      @first = @last = @samples = 0
      @held = [] # waits that count only if its work turns out to make a request
      @busy = []
      @busy_from = @busy_to = @busy_events = 0
    end

    def passed(at)
      @events += 1
      @event_at = at
    end
  end

  class << self
    # Of the thread that calls.
    def watched
      thread = Thread.current
      @threads[thread] ||= Watched.new(thread, native_id)
    end

    def thread_begins(_)
      return unless @expecting
      thread = Thread.current
      unit = @making.fetch(thread) { Unit.new('thread', now, nil) } # Thread.start calls no initialize
      @making.delete(thread)
      begin_unit(watched, unit) if unit
    end

    def thread_ends(_)
      here = @threads.delete(Thread.current)
      close_look(here) if here
    end

    # The thread works on it from now on.
    def begin_unit(here, unit)
      here.unit = unit
      here.seen = here.waits = nil # what it waited for until now was work
      here.held.clear
      unit.begun = now
      unit.thread = here.tid
    end
  end
end

# sources.rb --------------------------------------------------------------------------------------------------------
# Which answers held a part of a later URL. Only hashes of words are kept (Ruby uses another key in each process), and none
# is written.
module AbreastProbe
  LOOKED_AT = 262_144 # bytes of a body
  MOST_WORDS = 100_000
  WORDS_OF_ANSWER = 20_000
  MOST_SOURCES = 8
  # Looking takes at most this share of the program's time, and so much more at first.
  LOOK_SHARE = 0.03
  LOOK_START_US = 100_000
  TEXT_TYPE = %r{text/|json|xml|javascript|form-urlencoded}i
  WORD = /[A-Za-z0-9_.~-]+/
  LONG_WORD = /[A-Za-z0-9_.~-]{3,}/
  LINK = %r{(?:https?://|(?<=["'=(<])[/?])[^\s"'<>\\)]+}
  SHORT_VALUE = /[:\[,]\s*"?([A-Za-z0-9]{1,2})"?\s*(?=[,\]}])/

  class << self
    # Ids of exchanges whose answers held a word that is new in this URL; nil where that is not known.
    def sources_of(url)
      words = new_words(url)
      found = words.map { |word| @holders[word] }.compact.uniq.sort
      return found.first(MOST_SOURCES) unless found.empty?
      words.empty? || !@blind ? [] : nil
    end

    def new_words(url)
      target = url.sub(%r{\A\w+://[^/?#]*}, '').sub(/#.*/m, '')
      path, _, query = target.partition('?')
      values = query.split('&').map { |pair| pair.partition('=').values_at(2, 0).find { |part| part != '' } }
      words = (path.split('/') + values).map { |part| longest_word(part.to_s) }.compact
      words.push(target, url.sub(/#.*/m, '')) if target.size > 2
      hashes = words.map { |word| word.b.hash }.uniq
      new = hashes.reject { |word| @requested.key?(word) }
      forget_requested if @requested.size > MOST_WORDS
      new.each { |word| @requested[word] = true }
    end

    def longest_word(part)
      decoded(part).scan(WORD).max_by(&:size)
    end

    def forget_requested
      @requested = {}
      @blind = true
    end

    # At the body of an answer, as the library decoded it.
    def look_into(exchange, response)
      links = %w[location link].map { |name| response[name] }.compact
      links.each { |link| hold(exchange, words_in("\"#{link}\"".b)) }
      body = response.instance_variable_get(:@body)
      return @blind = true unless body.is_a?(String) || body.nil?
      return if body.nil? || body.empty? || !response['content-type'].to_s.match?(/\A\z|#{TEXT_TYPE}/)
      began = now
      return @blind = true if @looked_us > LOOK_START_US + began * LOOK_SHARE
      @blind = true if body.bytesize > LOOKED_AT
      hold(exchange, words_in(body.byteslice(0, LOOKED_AT).b))
      @looked_us += now - began
    end

    def hold(exchange, words)
      @blind = true if words.size > WORDS_OF_ANSWER || @holders.size > MOST_WORDS
      return if @holders.size > MOST_WORDS
      words.first(WORDS_OF_ANSWER).each { |word| @holders[word.hash] ||= exchange.id }
    end

    # Words of three letters and more, links, and shorter values of JSON.
    def words_in(bytes)
      plain = bytes.gsub('\\/', '/').gsub('&amp;', '&')
      links = plain.scan(LINK)
      values = links.flat_map { |link| link.partition('?').last.split('&').map { |pair| pair.partition('=').last } }
      (plain.scan(LONG_WORD) + links + values + plain.scan(SHORT_VALUE).flatten).uniq
    end
  end
end

# exchanges.rb ------------------------------------------------------------------------------------------------------
# Exchanges, and the calls that they are made by.
module AbreastProbe
  STEPS = %w[wanted called dispatched connected sent answered read].freeze

  # One request on the wire. Times are of the trace, nil for a step that was not passed.
  Exchange = Struct.new(:id, :call, :attempt, :because, :unit, :carrier, :connection, :ordinal, :route, :http_method,
                        :origin, :url, :wanted, :called, :dispatched, :connected, :sent, :answered, :read, :failed,
                        :status, :error, :done, :sources)

  # One call into the library: the exchange that it makes, and its retries.
  Call = Struct.new(:called, :stack, :unit, :request, :last, :origin)

  class << self
    def new_call(origin)
      here = watched
      Call.new(now, asking_stack(here.unit), here.unit, next_number(:request), nil, origin)
    end

    # The first exchange of a call, or a retry in it.
    def new_exchange(call)
      start_sampler
      here = watched
      at = now
      exchange = Exchange.new(next_number(:exchange), call, 1, 'first', call.unit, here)
      exchange.wanted = exchange.called = call.last ? at : call.called
      if call.last
        exchange.because = 'retry'
        exchange.attempt = call.last.attempt + 1
      end
      call.last = exchange
      exchange.origin = call.origin
      wanted_since_made(exchange) if call.unit && !call.unit.used
      here.carries += 1
      here.passed(at)
      release_held(here, exchange.wanted)
      @pending[exchange.id] = exchange
    end

    # The first request of a unit of work is wanted from when that was handed over.
    def wanted_since_made(exchange)
      unit = exchange.unit
      unit.used = true
      unit.number
      exchange.wanted = [unit.wanted, exchange.wanted].min
      return if unit.shelf.nil?
      count_taker(unit)
      return if unit.begun - unit.wanted < SHORTEST_QUEUE_US
      write_block(unit.thread, unit.wanted, unit.begun, { 'kind' => 'executor', 'call' => unit.type }, unit.stack, nil, unit)
    end

    def passes(exchange, step)
      return if exchange.nil? || exchange.done || exchange[step]
      at = now
      exchange[step] = at
      exchange.carrier.passed(at)
    end

    # The exchange is read, or has failed.
    def finish(exchange, error = nil)
      return if exchange.nil? || exchange.done
      exchange.done = true
      at = now
      if error
        exchange.error = error
        exchange.failed = at
      else
        exchange.answered ||= at
        exchange.read ||= at
      end
      @pending.delete(exchange.id)
      @finished_at = at
      exchange.carrier.carries -= 1
      exchange.carrier.passed(at)
      @trace.write(exchange_line(exchange))
    end

    # The name of the error that made a method of the library end, if this thread raised one in it.
    def error_since(exchange, otherwise)
      at, name = watched.raised
      at && at >= exchange.called ? name : otherwise
    end

    def exchange_line(exchange)
      fields = { 'id' => exchange.id, 'request' => exchange.call.request, 'attempt' => exchange.attempt,
                 'because' => exchange.because, 'pid' => PID.call, 'thread' => exchange.carrier.tid }
      fields['unit'] = exchange.unit.number if exchange.unit
      fields['connection'] = exchange.connection
      fields['ordinal'] = exchange.ordinal
      fields['method'] = exchange.http_method if exchange.http_method
      fields['origin'] = exchange.origin
      fields['url'] = exchange.url if exchange.url
      latest = 0
      STEPS.each do |step|
        at = exchange[step]
        if at
          @trace.lost['clamped'] += 1 if latest - at > 50
          at = latest = [at, latest].max
        end
        fields["#{step}Us"] = at
      end
      fields['failedUs'] = [exchange.failed, latest].max if exchange.failed
      fields['status'] = exchange.status
      fields['error'] = exchange.error
      fields['stack'] = exchange.call.stack if exchange.call.stack
      fields['from'] = exchange.sources if exchange.sources
      line_of('exchange', fields)
    end
  end
end

# connections.rb ----------------------------------------------------------------------------------------------------
# Connections.
module AbreastProbe
  # The connections of one Net::HTTP, one after another. `made`: exchanges on the one that is open.
  Route = Struct.new(:origin, :depth, :call, :exchange, :id, :made, :dns_from, :dns_to, :connecting, :connected, :tls_from,
                     :tls_to, :socket, :pid)

  class << self
    def open_connection(route, buffered)
      route.id = next_number(:connection)
      route.made = 0
      route.connected = now
      route.socket = buffered.object_id
      route.pid = PID.call
      bound(@routes_by_socket)[route.socket] = route
      @trace.write(line_of('connection', connection_fields(route, buffered.io)))
    end

    def connection_fields(route, io)
      fields = { 'id' => route.id, 'pid' => route.pid, 'thread' => watched.tid, 'origin' => route.origin }
      socket = io.to_io
      local = address_of(socket, :local_address)
      remote = address_of(socket, :remote_address)
      fields['local'] = local if local
      fields['remote'] = remote if remote
      fields.update('dnsFromUs' => route.dns_from, 'dnsToUs' => route.dns_to) if route.dns_to
      fields['connectingUs'] = route.dns_to || route.connecting
      fields['connectedUs'] = route.tls_from || route.connected
      secure = io.respond_to?(:ssl_version)
      fields['tlsStartUs'] = secure ? route.tls_from : nil
      fields['tlsDoneUs'] = secure ? route.tls_to : nil
      fields['tlsVersion'] = secure ? io.ssl_version : nil
      fields.update('protocol' => 'http/1.1', 'socketClass' => io.class.name)
    end

    def address_of(socket, which)
      address = socket.public_send(which)
      address.unix? ? "unix:#{address.unix_path}" : address.inspect_sockaddr
    rescue SystemCallError, IOError, NoMethodError
      nil
    end

    def close_connection(route)
      return if route.id.nil?
      @routes_by_socket.delete(route.socket)
      @trace.write(line_of('connectionClosed', 'id' => route.id, 'atUs' => now))
      route.id = route.socket = nil
    end

    # The exchange goes over the connection that is open.
    def rides(exchange, route)
      return if exchange.connection || route.id.nil?
      exchange.connection = route.id
      exchange.ordinal = route.made
      route.made += 1
    end

    # Objects are known by their numbers, which keeps none of them alive; so the oldest are forgotten.
    def bound(table)
      table.shift if table.size >= 5000
      table
    end
  end
end

# waits.rb ----------------------------------------------------------------------------------------------------------
# What threads wait for.
module AbreastProbe
  SHORTEST_QUEUE_US = 5_000
  LOCK = [{ 'kind' => 'lock', 'call' => 'futex' }, 'Thread::Mutex'].freeze
  QUEUE = [{ 'kind' => 'other', 'call' => 'futex' }, 'Thread::Queue'].freeze
  THREAD = [{ 'kind' => 'join', 'call' => 'futex' }, 'Thread'].freeze
  SIGNAL = [{ 'kind' => 'other', 'call' => 'futex' }, 'Thread::ConditionVariable'].freeze
  PAUSE = [{ 'kind' => 'sleep', 'call' => 'sleep' }, 'Kernel'].freeze
  READ = [{ 'kind' => 'read', 'call' => 'read' }, nil].freeze
  WRITE = [{ 'kind' => 'write', 'call' => 'write' }, nil].freeze
  CONNECT = [{ 'kind' => 'connect', 'call' => 'connect' }, nil].freeze
  NAME = [{ 'kind' => 'name', 'call' => 'getaddrinfo' }, nil].freeze
  CHILD = [{ 'kind' => 'child', 'call' => 'wait' }, 'Process'].freeze
  FLOCK = [{ 'kind' => 'lock', 'call' => 'flock' }, 'File'].freeze
  # What a thread that sleeps waits for, by the method in C that it is in, and the class of that.
  WAITS = [
    [LOCK, %w[lock synchronize enter mon_enter mon_synchronize]],
    [QUEUE, %w[pop shift deq push << enq]],
    [THREAD, %w[join value]],
    [PAUSE, %w[sleep]],
    [READ, %w[wait_readable read sysread readpartial gets readline readlines each_line eof? recv recvfrom select accept]],
    [WRITE, %w[write syswrite wait_writable print puts]],
    [CONNECT, %w[connect connect_nonblock open initialize connect_internal]],
    [NAME, %w[getaddrinfo getaddress gethostbyname getnameinfo]],
    [CHILD, ['`', 'system', 'waitpid', 'wait2', 'waitpid2', 'waitall', 'capture2', 'capture3']],
    [FLOCK, %w[flock]]
  ].flat_map { |what, names| names.map { |name| [name, what] } }.to_h.freeze
  FUTEX, WAIT4, WAITID, POLL = '202', '61', '247', '7' # of x86-64

  class << self
    # [wait, class of the leaf] of a thread with these frames.
    def wait_of(here, frames)
      leaf = frames.first[0]
      return SIGNAL if leaf == 'sleep' && frames[1] && %w[wait wait_until wait_while].include?(frames[1][0])
      return name_or_connect(here) if %w[open initialize].include?(leaf)
      return kernel_call(here).start_with?(WAIT4, WAITID) ? CHILD : READ if leaf == 'wait'
      WAITS[leaf] || [{ 'kind' => 'other', 'call' => leaf }, nil]
    end

    # TCPSocket.open looks the name up itself: in a thread of its own since Ruby 3.3, with poll() before.
    def name_or_connect(here)
      [FUTEX, POLL].include?(kernel_call(here)[/\A\d+/]) ? NAME : CONNECT
    end

    def kernel_call(here)
      return '' unless RUBY_PLATFORM.start_with?('x86_64-linux')
      File.read("/proc/self/task/#{here.tid}/syscall")
    rescue SystemCallError
      ''
    end

    def write_block(tid, from, to, wait, stack, samples, unit = nil)
      @trace.write(block_line(tid, from, to, wait, stack, samples, unit))
    end

    def block_line(tid, from, to, wait, stack, samples, unit)
      fields = { 'pid' => PID.call, 'thread' => tid }
      fields['unit'] = unit.number if unit && unit.used
      fields.update('fromUs' => from, 'toUs' => to, 'wait' => wait)
      fields['stack'] = stack if stack
      fields['samples'] = samples if samples
      line_of('block', fields)
    end
  end
end

# sampler.rb --------------------------------------------------------------------------------------------------------
# A thread that looks at the threads which make requests: what they wait for, and what they compute. No method that
# waits is replaced for that.
module AbreastProbe
  TICK_S, SLOWEST_TICK_S, SHARE, TICK_BUDGET_US = 0.01, 0.1, 0.03, 1_000
  SHORTEST_BLOCK_US = 10_000
  LASTING = 500
  LOOPS = %w[pop shift deq push << enq lock synchronize join value].freeze

  class << self
    def sampling?
      @sampler ? @sampler.alive? : false
    end

    def start_sampler
      return if sampling? || @trace.ended
      @stopping = false
      @sampler_maker = Thread.current
      @sampler = NEW_THREAD.call { Thread.handle_interrupt(AT_ONCE) { sample } }
      @sampler.report_on_exception = false
      ThreadGroup.new.add(@sampler)
    rescue ThreadError => error
      trouble('sampler', error)
    ensure
      @sampler_maker = nil
    end

    def stop_sampler
      @stopping = true
      return unless sampling?
      @sampler.wakeup
      @sampler.join(0.5)
    end

    def sample
      @previous = now
      until @stopping
        began = cpu_us
        guarded('sampler') { tick }
        break if deadlocked?
        SLEEP.call([[TICK_S, (cpu_us - began) / 1e6 / SHARE].max, SLOWEST_TICK_S].min)
      end
    end

    def cpu_us
      CLOCK.call(Process::CLOCK_THREAD_CPUTIME_ID, :microsecond)
    end

    # Ruby ends a program whose threads all wait for each other, but not while one of them sleeps for a time. So this one
    # ends, and lets one of the others find out: it waits in a loop, in which Ruby looks for a deadlock.
    def deadlocked?
      others = LIST.call - [@sampler]
      return false unless others.all? { |thread| thread.inspect.end_with?('sleep_forever>') }
      one = others.find { |thread| LOOPS.include?(leaf_of(thread)) }
      one.wakeup if one
      !one.nil?
    end

    def leaf_of(thread)
      leaf = thread.backtrace_locations(0, 1)
      leaf && leaf[0] && leaf[0].base_label
    end

    def tick
      at = now
      @trace.flush
      look(at) unless @pending.empty?
      @previous = at
      if !@pending.empty? && at - @tail_at > (@trace.tail? ? 500_000 : 100_000)
        @tail_at = at
        @trace.write_tail(what_lasts)
      end
      write_environment if @environment_at.nil? && at > 1_000_000
      return unless at - @paired_at > 10_000_000
      @paired_at = at
      pair_clocks
    end

    def look(at)
      give_up_at = cpu_us + TICK_BUDGET_US
      threads = @threads.values
      threads.rotate(@turn += 1).each do |here|
        next @threads.delete(here.thread) unless here.thread.alive?
        next unless here.carries > 0 || here.asks || here.unit
        look_at(here, at)
        break if cpu_us > give_up_at
      end
    end

    def look_at(here, at)
      frames = frames_of(here.thread.backtrace_locations(0, 2 * MAX_FRAMES))
      return if frames.empty?
      computes = here.thread.status == 'run' # or wants to: one of them runs at a time
      seen = [frames, here.events]
      if !computes && seen == here.seen
        close_busy(here)
        here.samples += 1
        here.last = at
        here.waits ||= wait_of(here, frames)
        return
      end
      close_wait(here)
      look_at_busy(here, frames, at, computes)
      here.seen = seen
      here.frames = frames
      here.first = [@previous, here.event_at].max
      here.last = at
      here.samples = 1
    end

    # The wait that was seen is over. A single sample is no wait.
    def close_wait(here)
      waits, here.waits = here.waits, nil
      here.last = here.event_at if here.seen && here.events == here.seen[1] + 1 # which ended it
      return if waits.nil? || here.last - here.first < SHORTEST_BLOCK_US
      wait = [here.first, here.last, waits, here.frames, here.samples]
      if here.carries > 0 || here.event_at > here.first || (here.asks && (@pending.any? || @finished_at > here.first))
        write_wait(here, wait)
      elsif here.held.size < 20
        here.held << wait
      end
    end

    def write_wait(here, wait)
      from, to, (what, owner), frames, samples = wait
      write_block(here.tid, from, to, what, stack_of(named(frames, owner), here.unit && here.unit.stack), samples, here.unit)
    end

    # Frames whose leaf says of which class it is.
    def named(frames, owner)
      leaf, *rest = frames
      leaf[3] || owner.nil? ? frames : [leaf[0, 3] + [owner], *rest]
    end

    # The work of this thread makes a request after all: what it waited for before belongs to it.
    def release_held(here, since)
      held = here.held.select { |wait| wait[1] >= since }
      here.held.clear
      held.each { |wait| write_wait(here, wait) }
    end

    # A thread that computes is in another place at each look: what it does is what its stacks have in common.
    def look_at_busy(here, frames, at, computes)
      if computes && here.busy.any? && here.busy_events == here.events
        here.busy << frames if here.busy.size < 100
        return here.busy_to = at
      end
      close_busy(here)
      return unless computes && here.carries > 0
      here.busy = [frames]
      here.busy_from = [@previous, here.event_at].max
      here.busy_to = at
      here.busy_events = here.events
    end

    def close_busy(here)
      stacks, here.busy = here.busy, []
      here.busy_to = here.event_at if here.events == here.busy_events + 1
      return if stacks.size < 2 || here.busy_to - here.busy_from < SHORTEST_BLOCK_US
      write_block(here.tid, here.busy_from, here.busy_to, { 'kind' => 'cpu', 'call' => 'cpu' },
                  stack_of(common_frames(stacks), here.unit && here.unit.stack), stacks.size, here.unit)
    end

    # Exchanges that are not read and waits that go on: all that is known, should the process end now.
    def what_lasts
      lines = @pending.values.first(LASTING).map { |exchange| exchange_line(exchange) }
      @threads.each_value do |here|
        next if here.waits.nil? || here.carries.zero?
        what, owner = here.waits
        stack = stack_of(named(here.frames, owner), here.unit && here.unit.stack)
        lines << block_line(here.tid, here.first, here.last, what, stack, here.samples, here.unit)
      end
      @trace.flush # stacks that they name
      lines.join
    end

    def close_all
      @threads.each_value { |here| close_look(here) }
    end

    # What it did when it was looked at last, it does no more.
    def close_look(here)
      close_wait(here)
      close_busy(here)
    end
  end
end

# replace.rb --------------------------------------------------------------------------------------------------------
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

# shelves.rb --------------------------------------------------------------------------------------------------------
# A shelf holds work until a thread takes it: a Queue, the queue of a pool, the list of a map.
module AbreastProbe
  # `units` are in the order in which they are taken. `takers` are the threads that have made requests with what they took,
  # each with the stack where it was made. `size` and `place` of the limit are nil where they are not known. `taken` has the
  # thread that took each item, by the item's id; `stacks` the stack of each line that puts items there.
  Shelf = Struct.new(:of, :type, :units, :takers, :size, :place, :taken, :stacks)
  MOST_TAKERS = 1000

  class << self
    def shelf_of(holder, of, type)
      @shelves[holder.object_id] ||= (bound(@shelves) && Shelf.new(of, type, [], {}, nil, nil, {}, {}))
    end

    MOST_OWN = 12 # frames of the recorder above the program's

    # The same line puts many: its first stack is used for all, since reading a whole stack takes long.
    def put(shelf)
      line = caller_locations(2, MOST_OWN).find { |one| one.path != FILE }
      stack = shelf.stacks[line && [line.path, line.lineno]] ||= asking_stack(watched.unit)
      shelf.units << hand_over(shelf.type, stack)
    end
    # The thread that calls works on it from now on.
    def take(shelf, unit)
      here = watched
      own = here.unit
      unit.taken_by(shelf, own && own.stack)
      # A thread that is a worker from its start begins with this: the item was no work for it before.
      unit.wanted = own.made if own && own.type == 'thread' && !own.used && own.made > unit.made
      begin_unit(here, unit)
    end

    # A request is made with it: the thread that took it is a worker.
    def count_taker(unit)
      takers = unit.shelf.takers
      takers[unit.thread] = unit.maker if takers.size < MOST_TAKERS
    end

    # How many take at once.
    def limit_of(shelf)
      limit = { 'kind' => 'workers', 'size' => shelf.size || shelf.takers.size, 'of' => shelf.of }
      place = shelf.place || own_line(@stack_frames[shelf.takers.values.compact.first])
      limit['setAt'] = place if place
      limit
    end

    # 'file:line' of the first frame that is neither the standard library nor a gem.
    def own_line(frames)
      own = (frames || []).find { |_, file| !library?(file) }
      own && "#{own[1]}:#{own[2]}"
    end

    def library?(file)
      LIBRARY.match?(file)
    end
  end
  LIBRARY = %r{/lib/ruby/|/gems/[^/]+-(?:\d|[0-9a-f]{12})[^/]*/|\A<internal:|\A\(eval}
end

# hand_over.rb ------------------------------------------------------------------------------------------------------
# Threads that are made, and items that are put into a queue: units of work.
module AbreastProbe
  class << self
    PUT = { initialize: :queue_made, push: :item_put, :<< => :item_put, enq: :item_put }.freeze
    TAKEN = { pop: :item_taken, shift: :item_taken, deq: :item_taken, clear: :queue_cleared }.freeze

    def replace_hand_over
      replace(Thread, { initialize: :itself_of }, :thread_made)
      replace(Thread.singleton_class, { list: :without_sampler })
      [Queue, SizedQueue].each { |kind| replace(kind, PUT.merge(TAKEN)) }
    end

    def itself_of(_, _, result)
      result
    end

    # Each Ractor has threads of its own.
    def without_sampler(_, _, threads)
      threads - [@sampler]
    rescue StandardError
      threads
    end

    # A thread that a library makes is one of its workers, or works for the library alone.
    def thread_made(thread)
      return unless @expecting
      guarded('thread') do
        next @making[thread] = nil if @sampler_maker.equal?(Thread.current)
        unit = hand_over('thread')
        made = @stack_frames[unit.stack]
        @making[thread] = made && library?(made.first[1]) ? nil : unit
      end
    end

    def queue_made(queue, _, result)
      guarded('queue') { queue.size.times { put(queue_shelf(queue)) } } if @expecting
      result
    end

    def item_put(queue, args, result)
      return result unless @expecting && result # nil: its time was over
      guarded('queue') do
        shelf = queue_shelf(queue)
        # What was taken before and is put back is a permit or a connection, no work.
        permit?(shelf, args[0]) ? permit_back(shelf) : put(shelf)
      end
      result
    end

    # The threads that took from this queue before were no workers either.
    def permit_back(shelf)
      shelf.units << nil
      shelf.takers.clear
    end

    # A frozen object (a symbol, a number) may be many items: it is a permit only if the thread that took it puts it back.
    def permit?(shelf, item)
      taker = shelf.taken[item.object_id]
      taker && (!item.frozen? || taker == Thread.current.object_id)
    end

    def item_taken(queue, _, item)
      return item unless @expecting && item
      guarded('queue') do
        shelf = @shelves[queue.object_id]
        next if shelf.nil?
        unit = shelf.units.shift
        bound(shelf.taken)[item.object_id] = Thread.current.object_id
        take(shelf, unit) if unit
      end
      item
    end

    def queue_cleared(queue, _, result)
      guarded('queue') { @shelves.delete(queue.object_id) } if @expecting
      result
    end

    def queue_shelf(queue)
      shelf_of(queue, 'Queue workers', 'queue-item')
    end
  end
end

# observe.rb --------------------------------------------------------------------------------------------------------
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

# net_http.rb -------------------------------------------------------------------------------------------------------
# supports: net/http of Ruby 2.7 to 3.4, and what is built on it: open-uri, Faraday, HTTParty, RestClient, net-http-persistent
module AbreastProbe
  # A request that comes so soon after its connection was opened is what that was opened for.
  SAME_CALL_US = 50_000

  class << self
    def observe_net_http
      @expecting = true
      observe(::Net::HTTP, :do_start, :start_begins, :start_ends)
      observe(::Net::HTTP, :connect, :connect_begins, :connect_ends)
      observe(::Net::Protocol, :ssl_socket_connect, :handshake_begins, :handshake_ends)
      observe(::Net::HTTP, :request, :request_begins, :request_ends)
      observe(::Net::HTTP, :begin_transport, :attempt_begins, :attempt_ready)
      observe(::Net::HTTPGenericRequest, :exec, :request_goes)
      observe(::Net::HTTPResponse.singleton_class, :read_status_line, nil, :answer_begins)
      observe(::Net::HTTPResponse.singleton_class, :read_new, nil, :head_read)
      observe(::Net::HTTPResponse, :reading_body, nil, :body_ends)
      observe(::Net::BufferedIO, :close, :socket_closes)
      return unless ::Addrinfo.method_defined?(:connect_internal) || ::Addrinfo.private_method_defined?(:connect_internal)
      observe(::Addrinfo.singleton_class, :foreach, :name_asked)
      observe(::Addrinfo, :connect_internal, :name_known)
    end

    def route_of(http)
      bound(@routes)[http.object_id] ||= Route.new(origin_of(http), 0)
    end

    def origin_of(http)
      secure = http.use_ssl?
      host = http.address.to_s
      host = "[#{host}]" if host.include?(':') && !host.start_with?('[')
      port = http.port == (secure ? 443 : 80) ? '' : ":#{http.port}"
      text_of("#{secure ? 'https' : 'http'}://#{host}#{port}")
    end

    def start_begins(event)
      route = route_of(event.self)
      route.origin = origin_of(event.self)
      route.call = new_call(route.origin) if route.depth.zero?
    end

    # A connection that can't be opened never gets a request: the recorder writes one that failed.
    def start_ends(event)
      route = route_of(event.self)
      return if event.self.started? || route.depth > 0
      finish(new_failure(route, route.call), error_since(route.call, 'Error'))
    end

    def new_failure(route, call)
      exchange = new_exchange(call)
      exchange.dispatched = route.connecting
      exchange
    end

    def connect_begins(event)
      route = route_of(event.self)
      start_sampler
      close_connection(route)
      route.connecting = now
      route.connected = route.dns_from = route.dns_to = route.tls_from = route.tls_to = nil
      watched.opening = route
    end

    def name_asked(_)
      route = watched.opening
      route.dns_from ||= now if route
    end

    def name_known(_)
      route = watched.opening
      route.dns_to ||= now if route && route.dns_from
    end

    def handshake_begins(event)
      route_of(event.self).tls_from = now if watched.opening
    end

    def handshake_ends(event)
      route_of(event.self).tls_to = now if watched.opening
    end

    def connect_ends(event)
      route = route_of(event.self)
      watched.opening = nil
      buffered = event.self.instance_variable_get(:@socket)
      open_connection(route, buffered) if buffered && !buffered.closed? && buffered.object_id != route.socket
    end

    def request_begins(event)
      route = route_of(event.self)
      route.depth += 1
      return if route.depth > 1
      fresh = route.call && route.made == 0 && now - (route.connected || 0) < SAME_CALL_US
      route.call = new_call(origin_of(event.self)) unless fresh && route.call.unit.equal?(watched.unit)
    end

    def request_ends(event)
      route = route_of(event.self)
      route.depth -= 1 if route.depth > 0
      return if route.depth > 0
      exchange = route.exchange
      call, route.call = route.call, nil
      if exchange.nil?
        finish(new_failure(route, call), error_since(call, 'Error')) if call && call.last.nil?
      elsif !exchange.done && exchange.answered.nil?
        finish(exchange, error_since(exchange, 'Error'))
      end
      route.exchange = nil if exchange.nil? || exchange.done
    end

    def attempt_begins(event)
      route = route_of(event.self)
      call = route.call ||= new_call(origin_of(event.self))
      before = route.exchange
      finish(before, error_since(before, 'Error')) if before && !before.done
      exchange = route.exchange = new_exchange(call)
      exchange.route = route
      describe_request(exchange, argument(event, :req))
      if route.made == 0 && route.connecting && call.called <= route.connecting
        exchange.dispatched = route.connecting
      else
        passes(exchange, 'dispatched')
      end
    end

    def describe_request(exchange, request)
      return if request.nil?
      path = request.path.to_s
      exchange.http_method = text_of(request.method)
      url = text_of(path.match?(%r{\A\w+://}) ? path : exchange.origin + path)
      exchange.url = clean_url(url)
      exchange.sources = sources_of(url)
    end

    def attempt_ready(event)
      route = route_of(event.self)
      exchange = route.exchange
      return if exchange.nil? || exchange.done || route.id.nil?
      exchange.connected = [route.connected, exchange.dispatched].max if route.made == 0
      passes(exchange, 'connected')
      rides(exchange, route)
    end

    def exchange_on(socket)
      route = @routes_by_socket[socket.object_id]
      route && route.exchange
    end

    def request_goes(event)
      passes(exchange_on(argument(event, :sock)), 'sent')
    end

    def answer_begins(event)
      passes(exchange_on(argument(event, :sock)), 'answered') if event.return_value
    end

    def head_read(event)
      response = event.return_value
      exchange = exchange_on(argument(event, :sock))
      return if response.nil? || exchange.nil? || exchange.done
      exchange.status = response.code.to_i
      exchange.answered = nil if exchange.status.between?(100, 199)
    end

    def body_ends(event)
      exchange = exchange_on(argument(event, :sock))
      return if exchange.nil? || exchange.done
      whole = event.self.instance_variable_get(:@read)
      look_into(exchange, event.self)
      finish(exchange, whole ? nil : error_since(exchange, 'closed before the body was read'))
    end

    def socket_closes(event)
      route = @routes_by_socket[event.self.object_id]
      close_connection(route) if route
    end
  end
end

# concurrent.rb -----------------------------------------------------------------------------------------------------
# supports: concurrent-ruby 1.1 to 1.3: items of a thread pool, which Promises and Future use, too, and its size
module AbreastProbe
  MOST_THREADS = 1 << 20 # more is none

  class << self
    def observe_concurrent
      pool = ::Concurrent::RubyThreadPoolExecutor
      observe(pool, :ns_initialize, nil, :pool_made)
      observe(pool, :ns_execute, :task_posted)
      observe(pool.const_get(:Worker), :run_task, :task_begins, :task_ends)
    end

    def pool_shelf(pool)
      shelf_of(pool, 'Concurrent::ThreadPoolExecutor max_threads', 'executor-item')
    end

    def pool_made(event)
      size = event.self.instance_variable_get(:@max_length)
      return if size.nil? || size > MOST_THREADS
      shelf = pool_shelf(event.self)
      shelf.size = size
      shelf.place = own_line(frames_of(caller_locations(1, 2 * MAX_FRAMES)))
    end

    def task_posted(event)
      put(pool_shelf(event.self)) if @expecting
    end

    # A pool takes its items in the order in which it was given them.
    def task_begins(event)
      shelf = pool_shelf(argument(event, :pool))
      unit = shelf.units.shift
      take(shelf, unit) if unit
    end

    def task_ends(_)
      watched.unit = nil
    end
  end
end

# parallel.rb -------------------------------------------------------------------------------------------------------
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

# environment.rb ----------------------------------------------------------------------------------------------------
# What the process is made of.
module AbreastProbe
  class << self
    # What this process is made of. Written when it is a second old, and at the end: the last counts.
    def write_environment
      @environment_at = now
      @trace.write(line_of('environment', 'pid' => PID.call, 'language' => 'ruby', 'version' => RUBY_VERSION,
                                          'modules' => modules, 'patches' => [], 'limits' => limits))
    rescue StandardError => error
      trouble('environment', error)
    end

    def modules
      return [] unless defined?(::Gem) && ::Gem.respond_to?(:loaded_specs)
      ::Gem.loaded_specs.values.map do |gem|
        { 'name' => gem.name, 'version' => gem.version.to_s, 'where' => text_of(gem.full_gem_path) }
      end
    end

    def limits
      found = []
      if Process.respond_to?(:getrlimit)
        found << { 'kind' => 'open-files', 'size' => Process.getrlimit(Process::RLIMIT_NOFILE).first, 'of' => 'open files' }
      end
      found + @shelves.values.reject { |shelf| shelf.takers.empty? }.map { |shelf| limit_of(shelf) }
    end
  end
end

# start.rb ----------------------------------------------------------------------------------------------------------
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
end
