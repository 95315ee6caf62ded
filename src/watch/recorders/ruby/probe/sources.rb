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
