import { placeOf } from '../languages/frames.ts';
import { duration } from '../numbers.ts';
import type { Throttling } from './refusals.ts';
import type { TwoTrips } from './trips.ts';

/** '12 of 20 exchanges were answered 429; the program waited 3.1 s, in time.sleep (x.py:9), before it tried again.' */
export function throttledText(throttling: Throttling): string {
  const { refused, exchanges, statuses } = throttling;
  return `${refused} of ${exchanges} exchanges were answered ${statuses}; ${waitedText(throttling)}.${retryAfterText(throttling)}`;
}

/** '12 of 24 exchanges failed (500); the program waited 3.1 s, in time.sleep (x.py:9), before it tried again.' */
export function madeAgainText(failures: Throttling): string {
  const { refused, exchanges, statuses } = failures;
  const grows = failures.isGrowing ? ' It waits longer each time (back-off).' : '';
  return `${refused} of ${exchanges} exchanges failed (${statuses}); ${waitedText(failures)}.${retryAfterText(failures)}${grows}`;
}

function waitedText({ waitedUs, slept }: Throttling): string {
  const { own, call } = slept ?? {};
  const place = own === undefined ? '' : placeOf(own);
  const at =
    call === undefined ? (place === '' ? '' : `, at ${place},`) : `, in ${call}${place && ` (${place})`},`;
  return `the program waited ${duration(waitedUs)}${at} before it tried again`;
}

function retryAfterText({ heeded, retryAfterUs, eachUs }: Throttling): string {
  if (heeded === null || retryAfterUs === null) return '';
  const asked = `The server asked for ${duration(retryAfterUs)} (Retry-After)`;
  if (heeded === 'in time') return ` That is what the server asked for (Retry-After).`;
  return ` ${asked}, and it waited ${duration(eachUs)}.`;
}

const HOW: Readonly<Record<TwoTrips['kind'], string>> = {
  challenge: 'is refused without credentials first, and made again with them',
  redirect: 'is redirected to another URL first',
  token: 'asks for a token first',
  report: 'is reported to a log or a collector, and waits for that',
};

/** 'Each of 16 requests takes two trips: it is refused for want of credentials first (401), ...' */
export function twoTripsText({ kind, requests, firstUs, bothUs, first, isQueued }: TwoTrips): string {
  const status =
    typeof first.status === 'number' && (kind === 'challenge' || kind === 'redirect')
      ? ` (${first.status})`
      : '';
  return `Each of ${requests} requests takes two trips: it ${HOW[kind]}${status}; that takes ${duration(firstUs)} of ${duration(bothUs)}.${isQueued ? ' These are made one at a time: the others wait, as for a lock.' : ''}`;
}
