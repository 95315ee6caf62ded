"""Two children, each of which makes 3 GETs of URL and leaves by os._exit."""
import os

try:
    from urllib.request import urlopen
except ImportError:
    from urllib2 import urlopen

URL = os.environ["URL"]
urlopen(URL).read()
children = []
for _ in range(2):
    child = os.fork()
    if child == 0:
        for _ in range(3):
            urlopen(URL).read()
        os._exit(0)
    children.append(child)
for child in children:
    os.waitpid(child, 0)
