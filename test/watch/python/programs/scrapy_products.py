"""N GETs of URL by a spider of Scrapy, AT_ONCE at once; DELAY: the seconds between two of them."""
import os

import scrapy
from scrapy.crawler import CrawlerProcess

URL, N = os.environ["URL"], int(os.environ["N"])


class Products(scrapy.Spider):
    name = "products"
    start_urls = [f"{URL}?product={i}" for i in range(N)]
    custom_settings = {
        "CONCURRENT_REQUESTS": int(os.environ.get("AT_ONCE", N)),
        "DOWNLOAD_DELAY": float(os.environ.get("DELAY", 0)),
        "DOWNLOAD_DELAY_JITTER": 0,
        "LOG_ENABLED": False,
        "TELNETCONSOLE_ENABLED": False,
    }

    def parse(self, response):
        yield {"url": response.url}


process = CrawlerProcess(install_root_handler=False)
process.crawl(Products)
process.start()
