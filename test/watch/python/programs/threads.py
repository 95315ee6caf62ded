"""N GETs of URL, each in a thread of its own."""
import os
import threading

try:
    from urllib.request import urlopen
except ImportError:
    from urllib2 import urlopen

URL, N = os.environ["URL"], int(os.environ["N"])
answers = []


def get(number):
    response = urlopen("%s?page=%d" % (URL, number))
    response.read()
    answers.append(response.getcode())


threads = [threading.Thread(target=get, args=(number,)) for number in range(N)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print("%d of %d" % (answers.count(200), N))
