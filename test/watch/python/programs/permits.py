"""N GETs of URL by threads that are started under a semaphore of two, one for each."""
import os
import threading

try:
    from urllib.request import urlopen
except ImportError:
    from urllib2 import urlopen

URL, N = os.environ["URL"], int(os.environ["N"])
permits = threading.BoundedSemaphore(2)


def get():
    try:
        urlopen(URL).read()
    finally:
        permits.release()


threads = []
for _ in range(N):
    permits.acquire()
    threads.append(threading.Thread(target=get))
    threads[-1].start()
for thread in threads:
    thread.join()
