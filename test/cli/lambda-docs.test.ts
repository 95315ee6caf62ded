import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { lambdaCommand } from '../../src/cli/lambda.ts';

/** Of the AWS CLI, Node and npm run scale. */
const OF_OTHERS =
  /^--(layer-name|zip-file|function-name|layers|environment|recursive|template-file|s3-bucket|output-template-file|stack-name|capabilities|parameter-overrides|invocation-type|follow|query|check|input-type|lambda-ric)$/;

test('docs/lambda.md has every option of lambda, and none that it has not', () => {
  const page = readFileSync(new URL('../../docs/lambda.md', import.meta.url), 'utf8');
  const named = new Set(page.match(/(?<![\w-])--[a-z][\w-]*/g));
  const known = new Set(lambdaCommand().commands.flatMap(({ options }) => options.map(({ long }) => long!)));
  assert.deepEqual(
    [...named].filter((flag) => !known.has(flag) && !OF_OTHERS.test(flag)),
    [],
  );
  assert.deepEqual(
    [...known].filter((flag) => !named.has(flag)),
    [],
  );
  for (const { name } of lambdaCommand().commands.map((command) => ({ name: command.name() })))
    assert.match(page, new RegExp(`abreast lambda ${name}\\b`));
});
