import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { findPython } from '../../src/stages/interpreters/find.ts';
import { ROOT } from '../house/checkout.ts';
import { abreast } from './abreast.ts';

/** Environments are made once for all runs of the tests, as a user's are. */
const env = { XDG_CACHE_HOME: join(ROOT, 'node_modules', '.cache') };

const versions = { '2.7': 'pyenv install 2.7.18', '3.7': 'pyenv install 3.7' };
const missing: string[] = [];
for (const [version, install] of Object.entries(versions)) {
  if ((await findPython(version)).interpreter === null)
    missing.push(`Python ${version} is not here: ${install}`);
}
const skip = missing.length > 0 ? missing.join('; ') : false;

interface Cell {
  readonly stage: string;
  readonly runtime: string;
  readonly serial: { readonly ok: number; readonly seconds: number };
  readonly concurrent: Cell['serial'] & {
    readonly inFlight: { readonly max: number };
    readonly socket: string[];
  };
  readonly came: string;
  readonly verdict: null | {
    readonly overlap: string;
    readonly step: string;
    readonly causes: readonly { readonly id: string; readonly text: string }[];
  };
}

test('pyOpenSSL beside grequests makes it slow on both Pythons, and the diagnosis says so', {
  skip,
}, async (t) => {
  const args = ['stages', '1', '2', '--python', '2.7,3.7', '--proto', 'https', '-n', '3', '--json'];
  const { code, out, err } = await abreast(args, { env });
  if (/pip reaches no package index/.test(err)) return t.skip('no package index: set PIP_INDEX_URL');
  assert.equal(code, 0, `${err}${out}`);
  const cells: Cell[] = JSON.parse(out).cells;
  assert.deepEqual(
    cells.map(({ stage, runtime, came }) => `${stage} ${runtime} ${came}`),
    ['1 python 2.7 fast', '1 python 3.7 fast', '2 python 2.7 slow', '2 python 3.7 slow'],
  );
  for (const { serial, concurrent, came, verdict } of cells) {
    assert.deepEqual([serial.ok, concurrent.ok], [3, 3]);
    if (came === 'fast') {
      assert.match(concurrent.socket[0]!, /^gevent\.\S+\.SSLSocket$/);
      assert.ok(concurrent.inFlight === null || concurrent.inFlight.max > 1);
      assert.equal(verdict, null);
    } else {
      assert.equal(concurrent.socket[0], 'urllib3.contrib.pyopenssl.WrappedSocket');
      assert.ok(concurrent.seconds > 0.9 * 3, `${concurrent.seconds}`);
      assert.deepEqual([verdict!.overlap, verdict!.step], ['serial', 'sent']);
      assert.match(verdict!.causes[0]!.text, /pyOpenSSL 19\.0\.0 took the place of/);
      assert.match(verdict!.causes[0]!.text, /left `select` alone \(grequests\.py:\d+\)/);
    }
  }
});
