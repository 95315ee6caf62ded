"""N GETs of URL by grequests; with INJECT, pyOpenSSL is put into urllib3 first."""
import os

import grequests

URL, N = os.environ["URL"], int(os.environ["N"])
if "INJECT" in os.environ:
    from urllib3.contrib.pyopenssl import inject_into_urllib3

    inject_into_urllib3()
answers = grequests.map([grequests.get(URL, verify=False) for _ in range(N)])
print(sum(answer is not None and answer.ok for answer in answers), "of", N)
