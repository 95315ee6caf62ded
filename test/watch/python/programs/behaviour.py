"""Says what a program can see of the place that it runs in, fails, and tells how."""
import os
import signal
import sys
import warnings

warnings.simplefilter("always")
early = [name for name in ("ssl", "socket", "select", "threading", "json", "re", "asyncio") if name in sys.modules]
print(early, sys.argv[1:], sys.flags.optimize)
print(signal.getsignal(signal.SIGTERM) == signal.SIG_DFL, signal.getsignal(signal.SIGINT) == signal.default_int_handler)
print(os.open(os.devnull, os.O_RDONLY))
child = os.fork()
if child == 0:
    os._exit(7)
print(os.waitpid(child, 0)[1] >> 8)
try:
    from urllib.request import urlopen
except ImportError:
    from urllib2 import urlopen
print(urlopen(os.environ["URL"]).getcode())
child = os.fork()
if child == 0:
    os._exit(8)
print(os.waitpid(child, 0)[1] >> 8)
sys.stderr.write("to standard error\n")
sys.exit(3)
