# Requests that no other part knows of: heads of HTTP/1.1 that go over a socket, by whatever client.
# supports: socket Python 3.6-3.14; ssl Python 3.6-3.14

def wrap_inherited(owner, name, before=None, after=None):
    """As wrap(), for a method that a class of Python has from one of C."""
    original = getattr(owner, name, None)
    if original is None or getattr(original, '_abreast', False):
        return

    def wrapper_before(self, *args, **named):
        try:
            before(self, *args, **named)
        except Exception as error:
            trace.trouble('before ' + name, error)
        return original(self, *args, **named)

    def wrapper_after(self, *args, **named):
        result = original(self, *args, **named)
        if id(self) in wires:
            try:
                after(self, result, *args, **named)
            except Exception as error:
                trace.trouble('after ' + name, error)
        return result
    _install(owner, name, original, wrapper_before if after is None else wrapper_after)


def received(owner, data, size=None, flags=0, **_):
    if not flags:
        bytes_came(owner, data)


def received_into(owner, count, buffer=None, size=0, flags=0, **_):
    if not flags and buffer is not None:
        bytes_came(owner, bytes(memoryview(buffer).cast('B')[:count]))


def decrypted(owner, result, size=None, buffer=None, **_):
    bytes_came(owner, bytes(result) if buffer is None else bytes(memoryview(buffer).cast('B')[:result]))


def wrap_reads():
    """From the first request on that no other part knows of: until then reading costs nothing."""
    if not reads_wrapped:
        reads_wrapped.append(True)
        for wrap_them in sockets_that_read:
            wrap_them()


def reads_by(wrap_them):
    if reads_wrapped:
        wrap_them()
    else:
        sockets_that_read.append(wrap_them)


@when_imported('socket', 'gevent._socket3')
def hook_raw_sockets(module):
    if PY2:
        return  # its sockets get their methods one by one
    expect_sockets()
    wrap_inherited(module.socket, 'send', bytes_go)
    if module.__name__ == 'socket':  # gevent's calls send()
        wrap_inherited(module.socket, 'sendall', bytes_go)
    wrap_inherited(module.socket, 'sendmsg', buffers_go)
    wrap(module.socket, 'close', wire_closes)

    def wrap_them():
        wrap_inherited(module.socket, 'recv', None, received)
        wrap_inherited(module.socket, 'recv_into', None, received_into)
    reads_by(wrap_them)


@when_imported('ssl', 'gevent.ssl')
def hook_raw_tls(module):
    if PY2:
        return
    wrap(module.SSLSocket, 'send', bytes_go)
    if hasattr(module, 'SSLObject'):
        wrap(module.SSLObject, 'write', plain_text_goes)

    def wrap_them():
        wrap_inherited(module.SSLSocket, 'read', None, decrypted)
        if hasattr(module, 'SSLObject'):
            wrap_inherited(module.SSLObject, 'read', None, decrypted)
    reads_by(wrap_them)
