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
