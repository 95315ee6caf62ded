# Requests over HTTP/2 of clients that use h2 by hand.
# supports: h2 3.x-4.x

@when_imported('h2.connection')
def hook_h2(module):
    expect_exchanges()

    def sends(connection, stream, headers, *_, **__):
        key = call_key()
        if key in open_exchange or not connection.config.client_side:
            return
        found = {text_of(pair[0]): text_of(pair[1]) for pair in headers}
        if ':method' not in found:
            return  # trailers
        exchange = new_exchange(key)
        origin = '%s://%s' % (found.get(':scheme', 'https'), found.get(':authority', ''))
        where_to(exchange, found[':method'], origin, origin + found.get(':path', ''))
        passes(exchange, 'dispatched')
        connection.__dict__.setdefault('_abreast', {})[stream] = exchange
        goes_next(exchange)

    def received(connection, events, error):
        streams = connection.__dict__.get('_abreast')
        if not streams or error is not None:
            return
        for event in events:
            exchange = streams.get(getattr(event, 'stream_id', None))
            if exchange is None:
                continue
            name = type(event).__name__
            if name == 'ResponseReceived':
                passes(exchange, 'answered')
                status = [value for name, value in event.headers if text_of(name) == ':status']
                exchange.status = int(status[0]) if status else None
            elif name in ('StreamEnded', 'StreamReset'):
                del streams[event.stream_id]
                finish(exchange, 'StreamReset' if name == 'StreamReset' else None)
    wrap(module.H2Connection, 'send_headers', sends)
    wrap(module.H2Connection, 'receive_data', lambda connection, *_, **__: connection, received)
