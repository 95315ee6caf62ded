# Which answers held a part of a later URL: by hashes of words, keyed anew in each process, that never leave its memory.

LOOKED_AT = 262144  # bytes of a body
MOST_WORDS, WORDS_OF_ANSWER = 100000, 20000
LOOK_SHARE, LOOK_START_US = 0.03, 100000  # of the time may be spent here, and so much at first
TEXT_TYPES = ('text/', 'json', 'xml', 'javascript', 'form-urlencoded', 'ndjson', 'event-stream')


class Sources(object):
    def __init__(self):
        self.key = os.urandom(16)
        self.holders = {}  # hash of a word or link -> id of the exchange whose answer held it first
        self.requested = set()  # hashes of words and links of the URLs so far
        self.unseen = set()  # answers that were read and not looked at: what they held is not known
        self.is_blind = False
        self.spent = 0
        self.patterns = None

    def hash(self, word):
        return hash((self.key, word))

    def of(self, url):
        """Ids of exchanges whose answers held what is new in this URL; None where that is not known."""
        words = self.new_words(url)
        found = {self.holders[word] for word in words if word in self.holders}
        if found:
            return sorted(found)[:8]
        return None if words and (self.is_blind or self.unseen) else []

    def new_words(self, url):
        scheme, _, rest = url.partition('://')
        place, _, query = rest.partition('#')[0].partition('?')
        host, _, path = place.partition('/')
        pairs = [pair.partition('=') for pair in query.split('&') if pair]
        parts = path.split('/') + [value or name for name, _, value in pairs]
        words = [longest_word(decoded(part)) for part in parts if part]
        target = '/' + path + ('?' + query if query else '')
        hashes = {self.hash(word.encode('utf-8', 'replace')) for word in words if word}
        hashes.update(self.hash(link.encode('utf-8', 'replace')) for link in (target, scheme + '://' + host + target)
                      if len(link) > 2)
        new = hashes - self.requested
        if len(self.requested) > MOST_WORDS:
            self.requested.clear()
            self.is_blind = True
        self.requested |= hashes
        return new

    def look(self, exchange, kind, data):
        """At the body of an answer, decoded, and of this content type."""
        if exchange is None or exchange.is_looked_at:
            return
        exchange.is_looked_at = True
        self.unseen.discard(exchange.id)
        if not data or not is_text(kind):
            return
        began = now()
        if self.spent > LOOK_START_US + began * LOOK_SHARE or not self.can_read():
            self.is_blind = True
            return
        if len(data) > LOOKED_AT:
            self.is_blind = True
        self.hold(exchange, self.words_of(bytes(data[:LOOKED_AT])))
        self.spent += now() - began

    def leave(self, exchange):
        """Nobody looked at this answer."""
        if len(self.unseen) < MOST_WORDS:
            self.unseen.add(exchange.id)
        else:
            self.is_blind = True

    def hold(self, exchange, words):
        if len(words) > WORDS_OF_ANSWER or len(self.holders) > MOST_WORDS:
            self.is_blind = True
        if len(self.holders) > MOST_WORDS:
            return
        for word in itertools.islice(words, WORDS_OF_ANSWER):
            self.holders.setdefault(self.hash(word), exchange.id)

    def look_at_header(self, exchange, value):
        """Location and Link tell where to go on."""
        if exchange is not None and value and self.can_read():
            text = text_of(value).encode('utf-8', 'replace')
            self.hold(exchange, self.words_of(b'"' + text + b'"'))

    def can_read(self):
        if self.patterns is None:
            re = sys.modules.get('re')  # to import it here could wait for the import lock
            if re is None or not hasattr(re, 'compile'):
                return False
            self.patterns = (re.compile(br'[A-Za-z0-9_.~-]{3,}'),
                             re.compile(br'(?:https?://|(?<=["\'=(<])[/?])[^\s"\'<>\\)]+'),
                             re.compile(br'[:\[,]\s*"?([A-Za-z0-9]{1,2})"?\s*(?=[,\]}])'))
        return True

    def words_of(self, data):
        """Words of three letters and more, links, and shorter values that stand alone."""
        words, links, values = self.patterns
        if b'\\/' in data:
            data = data.replace(b'\\/', b'/')
        if b'&amp;' in data:
            data = data.replace(b'&amp;', b'&')
        found = set(words.findall(data))
        for text in links.findall(data):
            found.add(text)
            found.update(pair.partition(b'=')[2] for pair in text.partition(b'?')[2].split(b'&'))
        found.update(values.findall(data))
        return found


def is_text(kind):
    """Whether a content type may hold links; one that is not told may."""
    return not kind or any(name in kind.lower() for name in TEXT_TYPES)


def longest_word(part):
    """The longest run of letters that a body would hold as one word."""
    longest = word = ''
    for letter in part:
        word = word + letter if letter in WORD or letter in '.~-' else ''
        if len(word) > len(longest):
            longest = word
    return longest


sources = Sources()


class Body(object):
    """The beginning of a body, from the pieces in which it comes: as much of it as is looked at."""
    __slots__ = ('pieces', 'size')

    def __init__(self):
        self.pieces, self.size = [], 0

    def add(self, piece):
        if piece and self.size <= LOOKED_AT:
            self.pieces.append(piece)
            self.size += len(piece)

    def whole(self):
        return b''.join(self.pieces)


def look_at(exchange, headers, data):
    """At what a library gave its caller. `headers` has get()."""
    if exchange is None or exchange.is_looked_at:
        return
    kind = text_of(headers.get('Content-Type') or '') if headers is not None else ''
    if headers is not None:
        look_at_headers(exchange, headers)
    sources.look(exchange, kind, data)


def look_at_headers(exchange, headers):
    for name in ('Location', 'Link'):
        value = headers.get(name)
        if value:
            sources.look_at_header(exchange, value)
    after = retry_after(headers.get('Retry-After'))
    if after is not None:
        exchange.retry_after = after


def retry_after(value):
    """Seconds, as a number or as a date of HTTP."""
    value = text_of(value or '').strip()
    if consists_of(value, DIGITS):
        return int(value) if len(value) < 8 else None
    utils = sys.modules.get('email.utils')
    try:
        return max(0, int(utils.mktime_tz(utils.parsedate_tz(value)) - wall_clock())) if value and utils else None
    except Exception:
        return None
