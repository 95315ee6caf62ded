import { useSignal } from '@preact/signals';

/** Long enough to be read. */
const SHOWN_MS = 2_000;

/** A button that copies a text. `what` says which, to those who don't see where the button is. */
export function CopyButton({ text, what }: { readonly text: string; readonly what: string }) {
  const said = useSignal('Copy');
  const copy = async () => {
    said.value = (await copied(text)) ? 'Copied' : 'Not copied: select the text and copy it';
    setTimeout(() => {
      said.value = 'Copy';
    }, SHOWN_MS);
  };
  return (
    <button type="button" class="copy" onClick={copy}>
      <span aria-live="polite">{said}</span>
      <span class="hidden"> {what}</span>
    </button>
  );
}

/** A page that was opened from disk may not have the clipboard of today; all have that of before. */
async function copied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copiedAsBefore(text);
  }
}

function copiedAsBefore(text: string): boolean {
  const field = document.createElement('textarea');
  field.value = text;
  field.className = 'hidden';
  document.body.append(field);
  field.select();
  const isDone = document.execCommand('copy');
  field.remove();
  return isDone;
}
