import './help.css';
import { useEffect, useRef } from 'preact/hooks';
import { helps, PAGE_KEYS } from './keys.ts';
import { abreastVersion } from './state.ts';
import { type KeyHelp, VIEWS } from './views.ts';

/** The list of all keys: a dialog, which Escape closes. */
export function Help() {
  const dialog = useRef<HTMLDialogElement>(null);
  const isOpen = helps.value;
  useEffect(() => {
    if (isOpen) dialog.current?.showModal();
    else dialog.current?.close();
  }, [isOpen]);
  const close = () => {
    helps.value = false;
  };
  return (
    <dialog ref={dialog} class="help" aria-labelledby="help-title" onClose={close}>
      <h2 id="help-title">Keys</h2>
      <KeyList keys={PAGE_KEYS} />
      {VIEWS.map(
        ({ id, title, keys = [] }) =>
          keys.length > 0 && (
            <section key={id}>
              <h3>{title}</h3>
              <KeyList keys={keys} />
            </section>
          ),
      )}
      <p class="quiet">Written by abreast {abreastVersion}.</p>
      <button type="button" onClick={close}>
        Close
      </button>
    </dialog>
  );
}

function KeyList({ keys }: { readonly keys: readonly KeyHelp[] }) {
  return (
    <dl>
      {keys.map(({ keys, does }) => (
        <div key={keys}>
          <dt>
            {keys.split(' ').map((key) => (
              <kbd key={key}>{key}</kbd>
            ))}
          </dt>
          <dd>{does}</dd>
        </div>
      ))}
    </dl>
  );
}
