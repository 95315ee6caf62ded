import type { Frame, Patch } from '../../trace/index.ts';
import { placeOf } from '../languages/frames.ts';
import { packageOf } from '../languages/index.ts';
import { isOfGreenlets, isOfOpenSsl, PATCHED_FOR, socketClassOf } from '../languages/python.ts';
import type { Cause } from './cause.ts';
import { greenletsOf, type Holding, holdingByCalls, patchesOf } from './holding.ts';
import { shortPlace, withVersion } from './modules.ts';
import { nameOf, patchText } from './patches.ts';
import type { Scene } from './scene.ts';

/** Sockets that block under gevent or eventlet: a wait that nobody patched holds the hub, and all greenlets with it. */
export function greenBlocking(scene: Scene): Cause | undefined {
  const holding = holdingByCalls(scene);
  const green = holding === undefined ? undefined : greenletsOf(scene, holding.frames);
  if (holding === undefined || green === undefined) return undefined;
  const { frames, share, evidence, call } = holding;
  const leaf = frames[0];
  const socket = socketOf(scene, holding);
  const { patches, overrides } = patchesOf(scene);
  const gaps = gapsOf(patches, call, green, overrides.length > 0 ? overrides : []);
  const by = overrides.find(isOpenSslPatch) ?? overrides[0];
  const who = whoText(scene, gaps, by, green, frames);
  return {
    id:
      overrides.some(isOpenSslPatch) && isOpenSsl(frames, socket)
        ? 'gevent-blocking-wait'
        : 'green-blocking-wait',
    confidence: leaf === undefined ? 'likely' : 'certain',
    text: `Each ${call} of ${socket ?? 'a socket'}${leaf === undefined ? '' : ` (${placeOf(leaf)}${leaf.function === undefined ? '' : ` ${leaf.function}`})`} blocks the hub of ${withVersion(scene, green)} and all greenlets: ${who}.`,
    who,
    share,
    evidence: [...evidence, ...[...overrides, ...gaps].map((patch) => `patch: ${patchText(patch)}`)],
    remedy: remedyOf(green, gaps, overrides, patches.length === 0),
    reference: green === 'eventlet' ? 'eventlet/eventlet#457' : 'mjs/gevent_openssl#15',
  };
}

/** The class of the socket that was waited for: of the frame that is a socket's method, or as the connection says. */
function socketOf(scene: Scene, { frames, blocks }: Holding): string | undefined {
  const [connection] = blocks.flatMap(({ wait }) => wait.connections ?? []);
  return (
    socketClassOf(frames.flatMap(({ self }) => self ?? [])) ??
    (connection === undefined ? undefined : scene.connections.get(connection)?.socketClass)
  );
}

function isOpenSsl(frames: readonly Frame[], socket: string | undefined): boolean {
  return isOfOpenSsl(socket ?? '') || frames.some(({ file }) => isOfOpenSsl(file));
}

/** The patches that left alone what the call goes through, those of installed modules included. */
function gapsOf(
  patches: readonly Patch[],
  call: string,
  green: string,
  overrides: readonly Patch[],
): readonly Patch[] {
  const through = new Set([...(PATCHED_FOR.get(call) ?? []), ...(overrides.length > 0 ? ['select'] : [])]);
  return patches.filter(
    ({ target, by, left, heldBy }) => by === green && (left ?? heldBy) !== undefined && through.has(target),
  );
}

function whoText(
  scene: Scene,
  gaps: readonly Patch[],
  override: Patch | undefined,
  green: string,
  frames: readonly Frame[],
): string {
  const reasons: string[] = [];
  if (scene.environments.length > 0 && !patchesOf(scene).patches.some(({ by }) => by === green))
    reasons.push(`nothing was patched, so no socket of the standard library yields`);
  if (override !== undefined) reasons.push(injectionText(override));
  const partial = patchesOf(scene).overrides.find(({ left }) => left !== undefined && left.length > 0);
  if (partial !== undefined) reasons.push(`${nameOf(partial)} leaves ${partial.left!.join(', ')} alone`);
  const whole = gaps.filter(({ replacement }) => replacement === null).map(({ target }) => `\`${target}\``);
  const [patch] = gaps;
  if (whole.length > 0) reasons.push(`${green}'s patch left ${whole.join(', ')} alone${importText(patch!)}`);
  const late = gaps
    .filter(({ replacement }) => replacement !== null)
    .flatMap(({ left = [], heldBy = [] }) => [...left, ...heldBy]);
  if (late.length > 0 && override === undefined)
    reasons.push(
      `${late.slice(0, 3).join(', ')} ${late.length === 1 ? 'is' : 'are'} still the one from before the patch`,
    );
  if (reasons.length > 0) return reasons.join(', and ');
  const owner = frames.map(({ self }) => self).find((self) => self !== undefined && !isOfGreenlets(self));
  const name = frames
    .map(({ file }) => packageOf(file))
    .find((found) => found !== undefined && found !== green);
  return `${owner ?? 'it'} is not made of ${green}'s sockets${name === undefined ? '' : `, in ${withVersion(scene, name)}`}`;
}

/** 'pyOpenSSL 19.0.0 was put into urllib3 (requests/__init__.py:54)' */
function injectionText(patch: Patch): string {
  const place = patch.target.slice(Math.max(0, patch.target.indexOf('urllib3')));
  return `${nameOf(patch)} took the place of ${place}${importText(patch)}`;
}

function importText({ at }: Patch): string {
  return at === undefined ? '' : ` (${shortPlace(at)})`;
}

function isOpenSslPatch({ by }: Patch): boolean {
  return by === 'pyOpenSSL' || by === 'gevent_openssl';
}

function remedyOf(
  green: string,
  gaps: readonly Patch[],
  overrides: readonly Patch[],
  isUnpatched: boolean,
): string {
  const partial = overrides.find(({ left }) => left !== undefined && left.length > 0);
  if (partial !== undefined)
    return `Give ${nameOf(partial)} what it lacks (${partial.left!.join(', ')}), by a newer version or by hand; or uninstall pyOpenSSL.`;
  if (overrides.some(isOpenSslPatch))
    return 'Uninstall pyOpenSSL, or call its extract_from_urllib3() before the first request, or patch_all() before any other import (select, too).';
  if (gaps.length > 0 || isUnpatched)
    return `Patch everything, before any other import: ${green === 'gevent' ? 'gevent.monkey.patch_all()' : 'eventlet.monkey_patch()'} in the first line of the program.`;
  return `Use a library that is made for ${green}, patch everything before any other import, or hand the call to its thread pool (${green === 'gevent' ? 'gevent.get_hub().threadpool' : 'eventlet.tpool'}).`;
}
