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
