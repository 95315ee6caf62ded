def readable(exchanges):
    """Those of the exchanges whose socket has something to read. The real poll, whoever patched it."""
    try:
        select = sys.modules.get('select')
        poll = original_of('select', 'poll') or (select and select.poll)
        if not poll:
            return []
        asked = poll()
        of_fd = {}
        for exchange in exchanges:
            fd = exchange.route.fd
            if fd is not None and connection_of_descriptor.get(fd) == exchange.connection:
                of_fd[fd] = exchange
                asked.register(fd, 1)
        return [of_fd[fd] for fd, what in asked.poll(0) if what & 1 and fd in of_fd]
    except Exception:
        return []
