import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
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

/** The cells of a stage on both Pythons; null where there is no package index to make environments from. */
async function cellsOf(stage: string, t: TestContext): Promise<readonly Cell[] | null> {
  const args = ['stages', stage, '--python', '2.7,3.7', '--proto', 'https', '-n', '3', '--json'];
  const { code, out, err } = await abreast(args, { env });
  if (/pip reaches no package index/.test(err)) {
    t.skip('no package index can be reached: set PIP_INDEX_URL');
    return null;
  }
  assert.equal(code, 0, `${err}${out}`);
  const { cells } = JSON.parse(out) as { cells: readonly Cell[] };
  assert.deepEqual(
    cells.map(({ runtime, serial, concurrent }) => [runtime, serial.ok, concurrent.ok]),
    [
      ['python 2.7', 3, 3],
      ['python 3.7', 3, 3],
    ],
  );
  return cells;
}

test('grequests alone is fast on both Pythons', { skip }, async (t) => {
  for (const { came, concurrent, verdict } of (await cellsOf('1', t)) ?? []) {
    assert.equal(came, 'fast');
    assert.match(concurrent.socket[0]!, /^gevent\.\S+\.SSLSocket$/);
    assert.ok(concurrent.inFlight.max > 1);
    assert.equal(verdict, null);
  }
});

test('pyOpenSSL beside it makes it slow on both Pythons, and the diagnosis says so', { skip }, async (t) => {
  for (const { came, concurrent, verdict } of (await cellsOf('2', t)) ?? []) {
    assert.equal(came, 'slow');
    assert.equal(concurrent.socket[0], 'urllib3.contrib.pyopenssl.WrappedSocket');
    assert.equal(concurrent.inFlight.max, 1);
    assert.deepEqual([verdict!.overlap, verdict!.step], ['serial', 'sent']);
    assert.match(verdict!.causes[0]!.text, /pyOpenSSL 19\.0\.0 took the place of/);
    assert.match(verdict!.causes[0]!.text, /left `select` alone \(grequests\.py:\d+\)/);
  }
});
