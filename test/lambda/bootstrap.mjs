/**
 * What Lambda's runtime for Node does, as far as a handler can see it: `node bootstrap.mjs FILE` asks the Runtime API for events
 * and gives each to the `handler` that FILE exports.
 */
const api = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation`;
const { handler } = await import(process.argv[2]);

for (;;) {
  const next = await fetch(`${api}/next`);
  const event = await next.json();
  const awsRequestId = next.headers.get('lambda-runtime-aws-request-id');
  const deadlineMs = Number(next.headers.get('lambda-runtime-deadline-ms'));
  const context = { awsRequestId, getRemainingTimeInMillis: () => deadlineMs - Date.now() };
  await handler(event, context).then(
    (value) => post(`${awsRequestId}/response`, value ?? null),
    (error) => post(`${awsRequestId}/error`, { errorType: error.name, errorMessage: error.message }),
  );
}

async function post(path, value) {
  await (await fetch(`${api}/${path}`, { method: 'POST', body: JSON.stringify(value) })).arrayBuffer();
}
