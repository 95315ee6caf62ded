"""N GETs of URL by two threads that take them from a queue."""
import os
import threading

try:
    from queue import Queue
    from urllib.request import urlopen
except ImportError:
    from Queue import Queue
    from urllib2 import urlopen

URL, N = os.environ["URL"], int(os.environ["N"])
queue = Queue()


def work():
    while queue.get() is not None:
        urlopen(URL).read()


workers = [threading.Thread(target=work) for _ in range(2)]
for worker in workers:
    worker.start()
for number in range(N):
    queue.put(number)
for worker in workers:
    queue.put(None)
for worker in workers:
    worker.join()
