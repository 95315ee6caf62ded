/** What came over the wire must not drive the terminal: line ends and control characters become spaces. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ');
}

/** The same of all texts in plain data. */
export function printableIn<Data>(data: Data): Data {
  return JSON.parse(JSON.stringify(data), (_key, value) =>
    typeof value === 'string' ? printable(value) : value,
  );
}
