"""N GETs of URL at once, but for the lock around each."""
import os
import threading

try:
    from urllib.request import urlopen
except ImportError:
    from urllib2 import urlopen

URL, N = os.environ["URL"], int(os.environ["N"])
lock = threading.Lock()


def get():
    with lock:
        urlopen(URL).read()


threads = [threading.Thread(target=get) for _ in range(N)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
