"""Three GETs of URL: a thread starts three others, and makes no request itself."""
import os
import threading

try:
    from urllib.request import urlopen
except ImportError:
    from urllib2 import urlopen


def get():
    urlopen(os.environ["URL"]).read()


def start():
    inner = [threading.Thread(target=get) for _ in range(3)]
    for thread in inner:
        thread.start()
    for thread in inner:
        thread.join()


outer = threading.Thread(target=start)
outer.start()
outer.join()
