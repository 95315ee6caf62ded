"""How the queues of gevent are related, a GET of URL, and another by a greenlet that found its queue empty, and slept."""
import os
import urllib.request

import gevent
from gevent import queue

print(queue.JoinableQueue is queue.Queue, queue.PriorityQueue.__name__)
print(isinstance(queue.PriorityQueue(), queue.Queue), isinstance(queue.Queue(), queue.SimpleQueue))


def work(items):
    try:
        items.get(timeout=0.05)
    except queue.Empty:
        gevent.sleep(0.3)
    urllib.request.urlopen(os.environ["URL"]).read()


urllib.request.urlopen(os.environ["URL"]).read()
gevent.spawn(work, queue.Queue()).join()
