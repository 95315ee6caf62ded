"""spans.py serial|together OUT URL...: GETs the URLs under OpenTelemetry, and writes its spans as OTLP/JSON."""
import sys
from concurrent.futures import ThreadPoolExecutor

import requests
from google.protobuf.json_format import MessageToJson
from opentelemetry import context, trace
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.instrumentation.requests import RequestsInstrumentor
from opentelemetry.instrumentation.urllib3 import URLLib3Instrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

manner, out, *urls = sys.argv[1:]
memory = InMemorySpanExporter()
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(memory))
RequestsInstrumentor().instrument(tracer_provider=provider)
URLLib3Instrumentor().instrument(tracer_provider=provider)


def get(url, parent):
    context.attach(parent)
    return requests.get(url).text


with provider.get_tracer("report").start_as_current_span("report"):
    here = context.get_current()
    with ThreadPoolExecutor(1 if manner == "serial" else len(urls)) as pool:
        list(pool.map(lambda url: get(url, here), urls))

with open(out, "w") as file:
    file.write(MessageToJson(encode_spans(memory.get_finished_spans())))
