import type { Frame, Patch } from '../../trace/index.ts';
import type { CauseFound } from '../found.ts';
import { packageOf } from '../languages/index.ts';
import {
  type Greenlets,
  isOfGreenlets,
  isOfOpenSsl,
  PATCHED_FOR,
  socketClassOf,
} from '../languages/python.ts';
import { greenletsOf, patchesOf } from './greenlets.ts';
import { type Holding, holdingByCalls } from './holding.ts';
import { moduleVersion, shortPlace, withVersion } from './modules.ts';
import { nameOf } from './patches.ts';
import { ofScene, type Scene } from './scene.ts';

/** A wait that nobody patched: it holds the hub of gevent or eventlet, and all greenlets with it. */
export interface BlockedHub {
  readonly green: Greenlets;
  /** Whether pyOpenSSL, put in the place of ssl, is what waits. */
  readonly isOpenSsl: boolean;
  readonly found: CauseFound;
}

/** Sockets that block under gevent or eventlet. */
export const blockedHub = ofScene((scene): BlockedHub | undefined => {
  const holding = holdingByCalls(scene);
  const green = holding === undefined ? undefined : greenletsOf(scene, holding.frames);
  if (holding === undefined || green === undefined) return undefined;
  const { frames, share, places, seen, call } = holding;
  const [leaf] = frames;
  const socket = socketOf(scene, holding);
  const { patches, overrides } = patchesOf(scene);
  const gaps = gapsOf(patches, call, green, overrides);
  const by = overrides.find(isOpenSslPatch) ?? overrides[0];
  return {
    green,
    isOpenSsl: overrides.some(isOpenSslPatch) && isOpenSsl(frames, socket),
    found: {
      confidence: leaf === undefined ? 'likely' : 'certain',
      share,
      text: `Each ${call} of ${socket ?? 'a socket'} blocks the hub of ${withVersion(scene, green)} and all greenlets.`,
      because: reasonsOf(scene, gaps, by, green, frames).map((reason) => `${reason}.`),
      places,
      from:
        by === undefined
          ? moduleVersion(scene, green)
          : { module: by.by, ...(by.version !== undefined && { version: by.version }) },
      evidence: [seen, ...[...overrides, ...gaps].map((patch) => ({ kind: 'patch', patch }) as const)],
      fix: remedyOf(green, gaps, overrides, patches.length === 0),
    },
  };
});

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

/** Why that call does not yield: which module replaced what, and what a patch left alone. */
function reasonsOf(
  scene: Scene,
  gaps: readonly Patch[],
  override: Patch | undefined,
  green: string,
  frames: readonly Frame[],
): readonly string[] {
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
  if (reasons.length > 0) return reasons;
  const owner = frames.map(({ self }) => self).find((self) => self !== undefined && !isOfGreenlets(self));
  const name = frames
    .map(({ file }) => packageOf(file))
    .find((found) => found !== undefined && found !== green);
  return [
    `${owner ?? 'it'} is not made of ${green}'s sockets${name === undefined ? '' : `, in ${withVersion(scene, name)}`}`,
  ];
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
