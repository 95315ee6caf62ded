/** The database of a run: rows in, results beside them, SQL over both. */
export { Database, name, text } from './database.ts';
export { inWords, refusalOf } from './fault.ts';
export { type OpenTables, openTables, type TablesOptions } from './tables.ts';
