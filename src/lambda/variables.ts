import { LambdaError } from './error.ts';

/** What Lambda and the template set; nobody else may. */
const GIVEN = new Set([
  ...['ABREAST_REPORT', 'ABREAST_STORAGE', 'ABREAST_QUEUE_URL'],
  // https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
  ...['_HANDLER', '_X_AMZN_TRACE_ID', 'LAMBDA_TASK_ROOT', 'LAMBDA_RUNTIME_DIR'],
  ...['AWS_DEFAULT_REGION', 'AWS_REGION', 'AWS_EXECUTION_ENV', 'AWS_LAMBDA_RUNTIME_API'],
  ...['AWS_ACCESS_KEY', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'],
  ...['NAME', 'MEMORY_SIZE', 'VERSION'].map((what) => `AWS_LAMBDA_FUNCTION_${what}`),
  ...['INITIALIZATION_TYPE', 'LOG_GROUP_NAME', 'LOG_STREAM_NAME'].map((what) => `AWS_LAMBDA_${what}`),
]);

/** Names that a variable of a function can have. */
const NAME = /^[A-Za-z]\w+$/;

/** Those of a report's variables that have to be set in a function. @throws LambdaError for one that can't be */
export function variablesToSet(variables: readonly string[], file: string): readonly string[] {
  const own = variables.filter((name) => !GIVEN.has(name));
  const wrong = own.find((name) => !NAME.test(name));
  if (wrong === undefined) return own;
  throw new LambdaError(
    `${file}: a function can't have its variable ${wrong}: in Lambda, a name has two characters at least and begins with a letter. Rename it.`,
  );
}
