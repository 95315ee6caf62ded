/**
 * `node spans.mjs serial|together|jobs OUT URL…`: GETs the URLs under OpenTelemetry, as a program in production does, and
 * writes its spans as OTLP/JSON. `jobs`: each URL is a span of its own, of which two at a time may send.
 */
import { writeFileSync } from 'node:fs';
import { SpanKind, trace } from '@opentelemetry/api';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer';
import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';

const [manner, out, ...urls] = process.argv.slice(2);
const memory = new InMemorySpanExporter();
const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(memory)] });
provider.register();
registerInstrumentations({ instrumentations: [new UndiciInstrumentation()], tracerProvider: provider });
const tracer = trace.getTracer('report');

const get = async (url) => (await fetch(url)).text();

/** Two permits. */
let free = 2;
const waiting = [];
async function job(url) {
  if (free === 0) await new Promise((resolve) => waiting.push(resolve));
  else free--;
  await get(url);
  const next = waiting.shift();
  if (next === undefined) free++;
  else next();
}

await tracer.startActiveSpan('GET /report', { kind: SpanKind.SERVER }, async (span) => {
  span.setAttributes({ 'http.request.method': 'GET', 'http.route': '/report' });
  if (manner === 'serial') for (const url of urls) await get(url);
  if (manner === 'together') await Promise.all(urls.map(get));
  span.end();
});
if (manner === 'jobs')
  await Promise.all(
    urls.map((url) =>
      tracer.startActiveSpan('job', async (span) => {
        await job(url);
        span.end();
      }),
    ),
  );
writeFileSync(out, JsonTraceSerializer.serializeRequest(memory.getFinishedSpans()));
