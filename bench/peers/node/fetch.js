// Node's own fetch. It has no option for a certificate that isn't trusted: NODE_TLS_REJECT_UNAUTHORIZED=0.
import { limited } from './limited.js';

await limited(async (url) => {
  const response = await fetch(url);
  return { status: response.status, body: await response.text() };
});
