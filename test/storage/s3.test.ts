import { after, before, describe } from 'node:test';
import { openStorage } from '../../src/storage/index.ts';
import { noS3, S3_KINDS, type S3Server, startS3 } from '../servers/index.ts';
import { testContract } from './contract.ts';

/** Of two uploads in parts at the same instant, moto lets both end well. */
const RACY = {
  versitygw: undefined,
  moto: 'moto does not heed If-None-Match at the end of an upload in parts',
};

for (const kind of S3_KINDS)
  describe(kind, () => {
    const skip = noS3(kind);
    let server: S3Server;
    let places = 0;
    before(async () => {
      if (skip !== false) return;
      server = await startS3(kind);
      Object.assign(process.env, server.env);
    });
    after(() => server?.daemon.close());

    testContract(kind, () => openStorage(`s3://${server.bucket}/a place/${++places}`), skip, RACY[kind]);
  });
