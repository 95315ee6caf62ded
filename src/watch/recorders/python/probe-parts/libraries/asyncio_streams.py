# Requests that a handler of asyncio.start_server takes: from the head of each one to its answer.
# supports: asyncio.start_server Python 3.6-3.14

@when_imported('asyncio.streams')
def hook_asyncio_streams(module):
    def reads(reader, *_, **__):
        protocol = served_over(reader._transport)
        if protocol is not None and '_abreast_answers' in protocol.__dict__:
            stream_request_done(protocol)
        return protocol, reader

    def has_read(state, data, error):
        protocol, reader = state
        if protocol is None or error is not None or protocol.__dict__.get('_abreast_served') is not None:
            return
        words = data[:LONGEST_HEAD].partition(b'\r\n')[0].split(b' ')
        if data[:4] in REQUEST_STARTS and len(words) == 3 and words[2].startswith(b'HTTP/1.'):
            protocol.__dict__['_abreast_served'] = request_taken(words[0], words[1], socket_of(reader._transport))

    def writes(writer, *_):
        protocol = served_over(writer.transport)
        if protocol is not None and protocol.__dict__.get('_abreast_served') is not None:
            protocol.__dict__['_abreast_answers'] = True

    def closes(writer):
        protocol = served_over(writer.transport)
        if protocol is not None:
            stream_request_done(protocol)
    for name in ('readline', 'readuntil', 'read'):
        wrap_async(module.StreamReader, name, reads, has_read)
    wrap(module.StreamWriter, 'write', writes)
    wrap(module.StreamWriter, 'close', closes)


def served_over(transport):
    """The protocol of a connection that a server took; None for one that the program opened."""
    protocol = None if transport is None else transport.get_protocol()
    return protocol if getattr(protocol, '_client_connected_cb', None) is not None else None


def stream_request_done(protocol):
    protocol.__dict__.pop('_abreast_answers', None)
    request_done(protocol.__dict__.pop('_abreast_served', None))
