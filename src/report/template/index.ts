/** Templates over rows: from a request and a row to a URL and headers, each value encoded according to its position. */
export { absentColumn, refuseAbsentColumns } from './columns.ts';
export { fillText } from './fill.ts';
export { lookalikesOf } from './lookalikes.ts';
export { holesOf, parseTemplate, variablesOf } from './parse.ts';
export { prepareRequest, readAuthorities } from './prepare.ts';
export { columnOf } from './row.ts';
export { isSecretVariable, withoutSecrets } from './secrets.ts';
export { urlOver } from './url.ts';
export { type EnvironmentVariables, fillVariables, type TextFault } from './variables.ts';
