import { signal } from '@preact/signals';
import { open } from './state.ts';
import { switchTheme } from './theme.ts';
import { type KeyHelp, VIEWS } from './views.ts';

/** Whether the list of all keys is open. */
export const helps = signal(false);

/** The keys that work everywhere. */
export const PAGE_KEYS: readonly KeyHelp[] = [
  { keys: '?', does: 'these keys' },
  ...VIEWS.map(({ key, title }) => ({ keys: key, does: title.toLowerCase() })),
  { keys: 'm', does: 'dark or light' },
];

/** Hears the keys of the page: those that nothing else takes. */
export function listenToKeys(): void {
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return;
    const view = VIEWS.find(({ key }) => key === event.key);
    if (event.key === '?') helps.value = !helps.value;
    else if (event.key === 'm') switchTheme();
    else if (view !== undefined) open.value = view.id;
    else return;
    event.preventDefault();
  });
}

function isTyping({ target }: KeyboardEvent): boolean {
  return target instanceof HTMLElement && target.closest('input, textarea, select') !== null;
}
