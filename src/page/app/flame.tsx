import { batch, computed, signal } from '@preact/signals';
import { useCallback, useEffect, useRef } from 'preact/hooks';
import { duration } from '../../diagnose/browser.ts';
import { boxAt, boxesOf, type FlameBox, FRAME, paintFlame } from '../canvas/flame-painter.ts';
import type { Look } from '../canvas/pen.ts';
import { type Flame as FlameGraph, type FlameNode, flameOf, heaviestPath, stacksOf } from '../model/flame.ts';
import { BLOCK_WORDS } from '../model/lanes.ts';
import { laidOut } from './laid-out.ts';
import { lookNow } from './look.ts';
import { shownAbout } from './state.ts';
import { useSurface } from './surface.ts';
import { isDark } from './theme.ts';

/** Whether answers lay there while the thread did something else: then that is what requests waited for. */
const isLate = computed(() => shownAbout.value.verdict.step === 'read');

const flame = computed<FlameGraph | null>(() => {
  const laid = laidOut.value;
  return laid && flameOf(laid.recording.evidence, laid.recording.exchange, laid.times, isLate.value);
});

/** The frame that is as wide as the picture, and the one that is told of; null: the root. */
const focus = signal<FlameNode | null>(null);
const chosen = signal<FlameNode | null>(null);

interface Picture {
  readonly boxes: readonly FlameBox[];
  readonly chosen: FlameNode | null;
  readonly look: Look;
}

/** The stacks in which requests waited to be sent, as wide as the time that requests waited in them, added up. */
export function Flame() {
  const graph = flame.value!;
  if (graph.root.us === 0) return <NoFlame waitedUs={graph.waitedUs} />;
  return (
    <section aria-labelledby="flame-title">
      <h2 id="flame-title">Where requests waited {isLate.value ? 'for their thread' : 'to be sent'}</h2>
      <p class="quiet">
        {duration(graph.waitedUs)} in all, added up over requests; of {part(graph.root.us, graph.waitedUs)} a
        stack was seen. Wider is longer, the longest to the left; the program's own code is marked.
      </p>
      <Graph graph={graph} />
      <Chosen graph={graph} />
      <Stacks graph={graph} />
    </section>
  );
}

function NoFlame({ waitedUs }: { readonly waitedUs: number }) {
  return (
    <p class="nothing">
      {waitedUs < 1_000
        ? 'No request waited to be sent: there is no stack to show.'
        : `Requests waited ${duration(waitedUs)} in all to be sent, and no recorder saw a stack in which they did. Recorders inside Python, Node and Ruby see stacks.`}
    </p>
  );
}

function part(us: number, of: number): string {
  return `${Math.round((100 * us) / Math.max(1, of))}%`;
}

function Graph({ graph }: { readonly graph: FlameGraph }) {
  const area = useRef<HTMLDivElement>(null);
  const read = useCallback(
    (width: number): Picture => {
      isDark.value;
      return {
        boxes: boxesOf(graph.root, focus.value ?? graph.root, width),
        chosen: chosen.value,
        look: lookNow(),
      };
    },
    [graph],
  );
  const canvas = useSurface({ read, paint, name: 'flame' });
  useEffect(() => {
    area.current!.style.height = `${(graph.depth + 1) * FRAME + 6}px`;
    chosen.value = heaviestPath(graph.root).findLast(({ isOwn }) => isOwn) ?? graph.root;
    focus.value = null;
  }, [graph]);
  const at = (x: number, y: number): FlameNode | null =>
    boxAt(boxesOf(graph.root, focus.value ?? graph.root, area.current!.clientWidth), x, y)?.node ?? null;
  return (
    <>
      <div
        ref={area}
        id="flame"
        class="flame"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a flame graph is read by keys
        tabIndex={0}
        role="application"
        aria-label="Flame graph of the stacks in which requests waited"
        aria-describedby="flame-keys"
        onClick={({ offsetX, offsetY }) => {
          const node = at(offsetX, offsetY);
          if (node === null) return;
          batch(() => {
            focus.value = chosen.value === node && focus.value !== node ? node : focus.value;
            chosen.value = node;
          });
        }}
        onKeyDown={(event) => {
          if (press(event.key, graph.root)) {
            event.preventDefault();
            event.stopPropagation();
          }
        }}
      >
        <canvas ref={canvas} />
      </div>
      <p id="flame-keys" class="keys quiet">
        Click a frame, and again to widen it, or use the keys: ↑ caller, ↓ called, ← → beside, Enter widens,
        Esc shows all.
      </p>
    </>
  );
}

function paint(pen: CanvasRenderingContext2D, { boxes, chosen, look }: Picture): boolean {
  paintFlame(pen, boxes, chosen, look);
  return false;
}

function press(key: string, root: FlameNode): boolean {
  const node = chosen.value ?? root;
  const above = parentOf(root, node);
  const beside = above?.children ?? [];
  const place = beside.indexOf(node);
  const next = {
    ArrowDown: node.children[0],
    ArrowUp: above,
    ArrowRight: beside[place + 1],
    ArrowLeft: beside[place - 1],
  }[key];
  if (next != null) chosen.value = next;
  else if (key === 'Enter') focus.value = node;
  else if (key === 'Escape') focus.value = null;
  else return key.startsWith('Arrow');
  return true;
}

function parentOf(root: FlameNode, of: FlameNode): FlameNode | null {
  for (const child of root.children) {
    if (child === of) return root;
    const isWithin =
      of.depth > child.depth && of.fromUs >= child.fromUs && of.fromUs < child.fromUs + child.us;
    if (isWithin) return parentOf(child, of);
  }
  return null;
}

/** What is said of the chosen frame. */
function Chosen({ graph }: { readonly graph: FlameGraph }) {
  const node = chosen.value;
  if (node === null) return null;
  return (
    <p class="chosen" role="status">
      <strong>{node.leaf === null ? node.name : `${node.name}: ${BLOCK_WORDS[node.leaf]}`}</strong>{' '}
      {node.place}{' '}
      <span class="quiet">
        {duration(node.us)}, {part(node.us, graph.root.us)} of what was seen, in {node.blocks}{' '}
        {node.blocks === 1 ? 'wait' : 'waits'}
      </span>
    </p>
  );
}

const MOST_STACKS = 30;

/** The same as a table: the stacks that took longest. */
function Stacks({ graph }: { readonly graph: FlameGraph }) {
  const stacks = stacksOf(graph.root);
  const hasOwn = stacks.some((path) => path.some(({ isOwn }) => isOwn));
  return (
    <div class="listing">
      <table id="stacks" class={hasOwn ? 'has-own' : ''}>
        <caption>
          {stacks.length > MOST_STACKS
            ? `The ${MOST_STACKS} longest of ${stacks.length} stacks`
            : 'The stacks'}
        </caption>
        <thead>
          <tr>
            <th scope="col" class="number">
              waited
            </th>
            <th scope="col" class="number">
              share
            </th>
            <th scope="col">in</th>
            {hasOwn && <th scope="col">the program's line</th>}
            <th scope="col" class="called">
              what it called
            </th>
          </tr>
        </thead>
        <tbody>
          {stacks.slice(0, MOST_STACKS).map((path) => (
            <Row
              key={path.map(({ fromUs }) => fromUs).join()}
              path={path}
              of={graph.root.us}
              hasOwn={hasOwn}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface RowProps {
  readonly path: readonly FlameNode[];
  readonly of: number;
  readonly hasOwn: boolean;
}

function Row({ path, of, hasOwn }: RowProps) {
  const leaf = path.at(-1)!;
  const own = path.findLast(({ isOwn }) => isOwn);
  const called = path.at(-2);
  return (
    <tr>
      <td class="number">{duration(leaf.us)}</td>
      <td class="number">{part(leaf.us, of)}</td>
      <td>
        {leaf.name}
        <span class="quiet"> {leaf.leaf !== null && BLOCK_WORDS[leaf.leaf]}</span>
      </td>
      {hasOwn && (
        <td>
          <code>{own === undefined ? '' : `${own.place} ${own.name}`}</code>
        </td>
      )}
      <td class="called">
        <code class="quiet">
          {called === undefined || called === own ? '' : `${called.name} ${called.place}`}
        </code>
      </td>
    </tr>
  );
}
