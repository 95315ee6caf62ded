import { calledOf, duration, isLibrary, placeOf } from '../../diagnose/browser.ts';
import { BLOCK_WORDS, blocksAt, classOf } from '../model/lanes.ts';
import { laidOut, pick } from './laid-out.ts';
import { lanes, lookedAt, selectedBlock } from './lanes.tsx';
import { open } from './state.ts';

/** What a selected block was: the call, how long, for which exchanges, and the stack. */
export function BlockDetails() {
  const block = selectedBlock.value;
  if (block === null) return null;
  const { stack, exchange } = laidOut.value!.recording;
  const { fromUs, toUs } = block;
  const alike = blocksAt(lanes.value!.lanes[lookedAt.value]!, (fromUs + toUs) / 2);
  const { wait } = [block, ...alike].find(({ wait }) => wait.connections !== undefined) ?? block;
  const seenIn = [block, ...alike].find(({ stack }) => stack !== undefined)?.stack;
  const frames = stack.find(({ id }) => id === seenIn)?.frames ?? [];
  const { times } = laidOut.value!;
  const carried = exchange.flatMap((one, at) =>
    typeof one.connection === 'number' &&
    wait.connections?.includes(one.connection) &&
    times.dispatched[at]! <= toUs &&
    times.end[at]! >= fromUs
      ? [{ one, at }]
      : [],
  );
  return (
    <aside class="block-details" aria-label="The selected block">
      <h2>
        {wait.call} for {duration(toUs - fromUs)}
      </h2>
      <p class="quiet">{BLOCK_WORDS[classOf(block, frames)]}</p>
      {carried.slice(0, 5).map(({ one, at }) => (
        <p key={at}>
          <button
            type="button"
            class="link"
            onClick={() => {
              pick(at, (fromUs + toUs) / 2);
              open.value = 'timeline';
            }}
          >
            {one.url ?? one.origin}
          </button>
        </p>
      ))}
      {frames.length === 0 && <p class="quiet">No recorder saw where in the program it was.</p>}
      <ol class="stack">
        {frames.map((frame, at) => (
          <li key={at} class={isLibrary(frame.file) ? 'quiet' : 'own'}>
            <code>
              {placeOf(frame)} {calledOf(frame)}
            </code>
          </li>
        ))}
      </ol>
    </aside>
  );
}
