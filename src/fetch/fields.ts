/** Header fields of an answer by lower-case name, the values of a repeated one joined. */
export type Fields = Readonly<Record<string, string>>;

/**
 * Makes objects that inherit nothing, as a server may call a field anything. V8 knows their shape, as it does not with
 * Object.create(null): they are filled twice as fast, and copied five times.
 */
function Unrelated() {}
Unrelated.prototype = Object.create(null);

/** No fields yet. */
export const noFields = (): Record<string, string> =>
  new (Unrelated as unknown as new () => Record<string, string>)();

/** The same fields in an object of the caller's own. */
export function copyOf(fields: Fields): Fields {
  const copy: Record<string, string> = Object.create(null);
  for (const name in fields) copy[name] = fields[name]!;
  return copy;
}
