/** Columns of a plain terminal. */
export const WIDTH = 80;

/**
 * A label and a text beside it, broken between words (a longer word anywhere), in at most so many lines of 80
 * columns; what does not fit is cut, and shown to be.
 */
export function labelled(label: string, text: string, most = Infinity): string[] {
  const indent = Math.max(LABEL, label.length + 1);
  const lines = wrap(text, WIDTH - indent);
  if (lines.length > most) {
    lines.length = most;
    lines[most - 1] = `${lines[most - 1]!.slice(0, WIDTH - indent - 1)}…`;
  }
  return lines.map((line, at) => `${(at === 0 ? label : '').padEnd(indent)}${line}`);
}

/** Columns of a label and the space after it. */
export const LABEL = 7;

/** The text in lines of at most `width` characters. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (let word of text.split(/\s+/).filter(Boolean)) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = '';
    }
    while (line === '' && word.length > width) {
      const cut = cutAt(word, width);
      lines.push(word.slice(0, cut));
      word = word.slice(cut);
    }
    line = line === '' ? word : `${line} ${word}`;
  }
  return line === '' ? lines : [...lines, line];
}

/** After a slash where there is one: most long words are paths. */
function cutAt(word: string, width: number): number {
  const slash = word.lastIndexOf('/', width - 1);
  return slash > 0 ? slash + 1 : width;
}
