import type { Dump, Dumped, Report, Tables } from '../report.ts';

/** What a run needs of those who crunch: tests put others in their place. */
export interface Crunch {
  openTables(
    report: Report,
    of: { readonly folder: string | null; readonly startedAt: Date; readonly reads?: readonly string[] },
  ): Promise<Tables>;
  dump(
    dump: Dump,
    tables: Tables,
    of: { readonly report: Report; readonly startedAt: Date },
  ): Promise<Dumped>;
}
