"""record.py FILE COLUMNS ROWS COMMAND...: runs a command in a terminal; FILE gets what it wrote, and when, as JSON."""
import fcntl
import json
import os
import pty
import struct
import sys
import termios
import time

file, columns, rows = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
begun = time.monotonic()
child, terminal = pty.fork()
if child == 0:
    size = struct.pack("HHHH", rows, columns, 0, 0)
    fcntl.ioctl(0, termios.TIOCSWINSZ, size)
    os.execvp(sys.argv[4], sys.argv[4:])
written = []
rest = b""
while True:
    try:
        data = os.read(terminal, 65536)
    except OSError:  # EIO: the program has closed it
        break
    if not data:
        break
    rest += data
    end = len(rest)
    while end > 0 and rest[end - 1] & 0xC0 == 0x80:
        end -= 1  # a character may be cut
    if end > 0 and rest[end - 1] >= 0xC0:
        end -= 1
    else:
        end = len(rest)
    written.append([round(1000 * (time.monotonic() - begun)), rest[:end].decode("utf-8", "replace")])
    rest = rest[end:]
with open(file, "w") as out:
    json.dump(written, out)
status = os.waitpid(child, 0)[1]
sys.exit(os.WEXITSTATUS(status) if os.WIFEXITED(status) else 1)
