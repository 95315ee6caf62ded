import './tabs.css';
import { open } from './state.ts';
import { VIEWS } from './views.ts';

/** Where each of the arrow keys leads from tab `at`. */
const WAYS: Readonly<Record<string, (at: number) => number>> = {
  ArrowRight: (at) => (at + 1) % VIEWS.length,
  ArrowLeft: (at) => (at + VIEWS.length - 1) % VIEWS.length,
  Home: () => 0,
  End: () => VIEWS.length - 1,
};

/** Which view is open. One tab is a stop of the Tab key, and arrow keys lead to the others (WAI-ARIA, tabs). */
export function Tabs() {
  const go = (event: KeyboardEvent) => {
    const next = WAYS[event.key]?.(VIEWS.findIndex(({ id }) => id === open.value));
    if (next === undefined) return;
    event.preventDefault();
    const { id } = VIEWS[next]!;
    open.value = id;
    document.getElementById(`tab-${id}`)?.focus();
  };
  return (
    <div class="tabs" role="tablist" aria-label="Views" onKeyDown={go}>
      {VIEWS.map(({ id, title, key }) => (
        <button
          key={id}
          type="button"
          role="tab"
          id={`tab-${id}`}
          aria-controls="view"
          aria-selected={id === open.value}
          aria-keyshortcuts={key}
          tabIndex={id === open.value ? 0 : -1}
          onClick={() => {
            open.value = id;
          }}
        >
          {title}
        </button>
      ))}
    </div>
  );
}
