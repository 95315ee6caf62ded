"""A spider of Scrapy that begins at URL and follows the next page of each."""
import os

import scrapy
from scrapy.crawler import CrawlerProcess


class Pages(scrapy.Spider):
    name = "pages"
    start_urls = [os.environ["URL"]]
    custom_settings = {"LOG_ENABLED": False, "TELNETCONSOLE_ENABLED": False}

    def parse(self, response):
        after = response.json().get("next")
        if after:
            yield response.follow(f"{os.environ['URL']}&after={after}")


process = CrawlerProcess(install_root_handler=False)
process.crawl(Pages)
process.start()
