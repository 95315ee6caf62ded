import type { Row, Selected } from './cell.ts';
import { run } from './child.ts';
import { StagesError } from './error.ts';
import { type Interpreter, minorOf, thisNode } from './interpreters/interpreter.ts';
import type { Story, Way } from './story.ts';

type Yours = NonNullable<Story['yours']>;

/** The rows of stage 0: each interpreter of the user, with the first way that its packages allow. */
export async function ownRows(yours: Yours, interpreters: readonly Interpreter[]): Promise<Selected<Row>> {
  const own = yours.language === 'node' ? [thisNode()] : interpreters;
  if (own.length === 0)
    throw new StagesError(
      'there is no Python on PATH: name one with --python PATH, or see abreast stages --story node',
    );
  const ways = await Promise.all(own.map((interpreter) => wayFor(yours, interpreter)));
  return {
    cells: own.map((interpreter, at) => ({
      stage: { id: 0, title: yours.title, text: yours.text },
      name: '0',
      run: { title: interpreter.file, environment: {}, arguments: [] },
      runtime: { id: minorOf(interpreter.version), language: yours.language },
      version: minorOf(interpreter.version),
      interpreter,
      programs: ways[at]!,
      expected: null,
    })),
    notes: own.flatMap(({ file, version }, at) => {
      const { instead } = ways[at]!;
      return instead === undefined ? [] : [`${file} (${version}): ${instead}.`];
    }),
  };
}

async function wayFor({ ways }: Yours, { file, language }: Interpreter): Promise<Way> {
  for (const way of ways) {
    if (way.needs.length === 0) return way;
    const question =
      language === 'node'
        ? way.needs.map((name) => `require('${name}')`)
        : [`import ${way.needs.join(', ')}`];
    const { code } = await run([file, language === 'node' ? '-e' : '-c', question.join(';')]);
    if (code === 0) return way;
  }
  throw new StagesError(
    `${file} has none of what stage 0 can do without: ${ways.map(({ needs }) => needs.join(' and ')).join('; or ')}`,
  );
}
