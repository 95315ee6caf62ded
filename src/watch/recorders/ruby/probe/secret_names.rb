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
