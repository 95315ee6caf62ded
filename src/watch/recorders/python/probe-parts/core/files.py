# Reading and writing at an offset, and a descriptor that the program does not meet.

def seek_and_write(fd, data, offset):
    os_seek(fd, offset, 0)
    return os_write(fd, data)


def seek_and_read(fd, size, offset):
    os_seek(fd, offset, 0)
    return os_read(fd, size)


# A recorder of system calls stops a program at each read() and write(), but not at these; 2.7 has neither.
write_at, read_at = getattr(os, 'pwrite', seek_and_write), getattr(os, 'pread', seek_and_read)


def keep_away(fd):
    """The descriptor moved high up and closed on exec, so that the program gets the numbers it is used to."""
    try:
        import fcntl
        high = fcntl.fcntl(fd, fcntl.F_DUPFD, 200)
        os_close(fd)
        fcntl.fcntl(high, fcntl.F_SETFD, fcntl.FD_CLOEXEC)
        return high
    except Exception:
        return fd
