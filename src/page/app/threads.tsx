import './threads.css';
import { duration } from '../../diagnose/browser.ts';
import { BLOCK_CLASSES, BLOCK_WORDS, type Lane } from '../model/lanes.ts';
import { BlockDetails } from './block-details.tsx';
import { Flame } from './flame.tsx';
import { Lanes, lanes } from './lanes.tsx';

/** Threads and loops: what each did over time, and the stacks in which requests waited. */
export function Threads() {
  if (lanes.value === null) return null;
  if (lanes.value.lanes.length === 0)
    return (
      <p class="nothing">
        No recorder saw what threads did: system calls (strace) and the recorders inside Python, Node and Ruby
        do.
      </p>
    );
  return (
    <div class="threads">
      <Lanes />
      <BlockDetails />
      <Sums lanes={lanes.value.lanes} />
      <Flame />
    </div>
  );
}

/** The same as a table: how long each thread did what. */
function Sums({ lanes }: { readonly lanes: readonly Lane[] }) {
  return (
    <details>
      <summary>How long each did what</summary>
      <div class="listing">
        <table id="lane-sums">
          <caption class="hidden">How long each thread, loop or unit of work did what</caption>
          <thead>
            <tr>
              <th scope="col">thread</th>
              {BLOCK_CLASSES.map((kind) => (
                <th key={kind} scope="col" class="number">
                  {BLOCK_WORDS[kind]}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {lanes.map(({ title, sumsUs }) => (
              <tr key={title}>
                <th scope="row">{title}</th>
                {sumsUs.map((us, at) => (
                  <td key={BLOCK_CLASSES[at]} class="number">
                    {us === 0 ? '' : duration(us)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
