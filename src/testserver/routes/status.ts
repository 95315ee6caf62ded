import { replyError, TEXT_TYPE, typed } from '../answers.ts';
import type { Exchange } from '../exchange.ts';
import { wholeNumber } from './parameters.ts';

const TEXT = typed(TEXT_TYPE);

/** /status/418: an answer with that status; of /status/200:3,503 one by chance, by weight. */
export function status(exchange: Exchange, [, wanted = '']: readonly string[]): void {
  const choices = wanted.split(',').map(choiceOf);
  const wrong = choices.find((choice) => typeof choice === 'string');
  if (wrong !== undefined) {
    replyError(exchange, 400, wrong as string);
    return;
  }
  const code = chosen(choices as Choice[]);
  // 1xx are no answers: one more would have to follow (RFC 9110 §15.2).
  exchange.reply(code < 200 ? 200 : code, TEXT, '');
}

interface Choice {
  readonly code: number;
  readonly weight: number;
}

function choiceOf(text: string): Choice | string {
  const [rawCode = '', rawWeight = '1'] = text.split(':');
  const code = wholeNumber(rawCode);
  const weight = Number(rawWeight);
  if (code === undefined) return `invalid status code: ${JSON.stringify(rawCode)}`;
  if (code < 100 || code > 599) return `invalid status code: ${code} not in range [100, 599]`;
  if (!(weight >= 0)) return `invalid weight: ${JSON.stringify(rawWeight)}`;
  return { code, weight };
}

function chosen(choices: readonly Choice[]): number {
  let left = Math.random() * choices.reduce((sum, choice) => sum + choice.weight, 0);
  for (const { code, weight } of choices) {
    left -= weight;
    if (left < 0) return code;
  }
  return choices.at(-1)!.code;
}
