import type { Readable } from 'node:stream';
import type { GetObjectCommandOutput } from '@aws-sdk/client-s3';

/** How often in a row a body may break off without a further byte. */
const FRUITLESS = 3;

/** The bytes of an object. If the connection breaks off, `askFrom` gets the rest; it fails if the object was replaced. */
export async function* resumed(
  first: GetObjectCommandOutput,
  askFrom: (offset: number) => Promise<GetObjectCommandOutput>,
): AsyncGenerator<Buffer> {
  const size = first.ContentLength ?? 0;
  let got = 0;
  let answer = first;
  for (let fruitless = 0; ; ) {
    const before = got;
    let fault: unknown = null;
    try {
      for await (const piece of answer.Body as Readable) {
        got += piece.length;
        yield piece;
      }
    } catch (error) {
      fault = error;
    }
    if (got >= size) {
      if (fault !== null) throw fault;
      return;
    }
    fruitless = got > before ? 0 : fruitless + 1;
    if (fruitless === FRUITLESS) throw fault ?? new Error('the body ends too early');
    answer = await askFrom(got);
  }
}
