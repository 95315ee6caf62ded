"""A GET of URL here, and one in a Python that this one starts."""
import os
import subprocess
import sys

GET = """
try:
    from urllib.request import urlopen
except ImportError:
    from urllib2 import urlopen
import os
urlopen(os.environ["URL"]).read()
"""
exec(GET)
subprocess.check_call([sys.executable, "-c", GET])
