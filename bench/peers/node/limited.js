// The style most users write: every URL mapped to a promise, p-limit in between.
import pLimit from 'p-limit';
import { concurrency, finish, keep, keepError, urls } from './job.js';

/** `get(url)` resolves to { status, body }. */
export async function limited(get) {
  const limit = pLimit(concurrency);
  await Promise.all(
    urls.map((url, index) =>
      limit(async () => {
        try {
          const { status, body } = await get(url);
          keep(index, status, body);
        } catch (error) {
          keepError(index, error);
        }
      }),
    ),
  );
  await finish();
}
