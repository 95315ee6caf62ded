"""Three workers take places from a queue, and put two more for each down to the third level: fifteen GETs of URL."""
import os
import threading

try:
    from queue import Queue
    from urllib.request import urlopen
except ImportError:
    from Queue import Queue
    from urllib2 import urlopen

URL = os.environ["URL"]
queue = Queue()


def work():
    while True:
        level, name = queue.get()
        urlopen(URL).read()
        if level < 3:
            queue.put((level + 1, name + "0"))
            queue.put((level + 1, name + "1"))
        queue.task_done()


queue.put((0, "r"))
for _ in range(3):
    thread = threading.Thread(target=work)
    thread.daemon = True
    thread.start()
queue.join()
