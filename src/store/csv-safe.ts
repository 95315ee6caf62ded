/**
 * OWASP, CSV Injection: a spreadsheet takes a cell that begins with one of these for a formula, and runs it; the
 * full-width forms as well.
 */
export const FORMULA_STARTS = '=+\\-@\\t\\r\\n＝＋－＠';
/** What is a number and no more (RFC 8259 §6) is not a formula. */
export const NUMBER = '-?(0|[1-9][0-9]*)([.][0-9]+)?([eE][+-]?[0-9]+)?';

const isFormula = new RegExp(`^[${FORMULA_STARTS}]`);
const isNumber = new RegExp(`^${NUMBER}$`);

/** A cell that no spreadsheet takes for a formula: behind an apostrophe it is text. */
export function csvSafe(cell: string): string {
  return isFormula.test(cell) && !isNumber.test(cell) ? `'${cell}` : cell;
}
