import { isSecretName } from './names.ts';
import { redactHeaderLine, redactText } from './text.ts';
import { redactUrl } from './url.ts';
import { HIDDEN, looksSecret } from './values.ts';

/** Options whose value is a credential or holds one: curl's, and those of programs like it. */
const HEADER_OPTION = /^(-[a-zA-Z0-9]*H|--header|--proxy-header)$/;
const LOGIN_OPTION = /^(-[a-zA-Z0-9]*[uU]|--user|--proxy-user)$/;
/** Proxies are often written without a scheme. */
const PROXY_OPTION = /^(-[a-zA-Z0-9]*x|--(?:pre)?proxy)$/;
const OPTION_WITH_VALUE = /^(--?[\w-]+)=(.*)$/s;

/** Command-line arguments without their secrets; each argument may itself be a command, as after `sh -c`. */
export function redactArgv(argv: readonly string[]): string[] {
  return argv.map((argument, index) => redactArgument(argument, index > 0 ? argv[index - 1]! : ''));
}

function redactArgument(argument: string, before: string): string {
  if (before.startsWith('-')) {
    if (HEADER_OPTION.test(before)) return redactHeaderLine(argument);
    if (LOGIN_OPTION.test(before)) return redactLoginOption(argument);
    if (PROXY_OPTION.test(before)) return redactUrl(argument);
    if (isSecretOption(before) && !argument.startsWith('-')) return HIDDEN;
  }
  const glued = /^-H(?=[\w-]+:)(.*)$/s.exec(argument);
  if (glued) return `-H${redactHeaderLine(glued[1]!)}`;
  const login = /^-[uU](?![^:]*=)(?=[^-].*:)(.*)$/s.exec(argument);
  if (login) return argument.slice(0, 2) + HIDDEN;
  const proxy = /^-x(?=[^=]*:[^=]*@)(.*)$/s.exec(argument);
  if (proxy) return `-x${redactUrl(proxy[1]!)}`;
  const option = OPTION_WITH_VALUE.exec(argument);
  if (option) return `${option[1]}=${redactArgument(option[2]!, option[1]!)}`;
  return redactText(argument);
}

function isSecretOption(option: string): boolean {
  return /^-b$|^--[\w-]+$/.test(option) && (option === '-b' || isSecretName(option));
}

/** curl reads '-u name' as a name without password (and Python reads -u as 'unbuffered'): no secret in that. */
function redactLoginOption(value: string): string {
  return value.includes(':') || looksSecret(value) ? HIDDEN : value;
}
