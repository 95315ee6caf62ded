import './environment.css';
import { type ComponentChildren, Fragment } from 'preact';
import { count, type Program, programsOf, replacersOf, shortPlace } from '../../diagnose/browser.ts';
import type { Limit, Module, Patch, Recorder } from '../../trace/browser.ts';
import type { Recording } from '../model/recording.ts';
import { recordings, runs } from './state.ts';

/** What the programs were made of: what was replaced and by whom, limits and where they were set, modules. */
export function Environment() {
  return (
    <div class="environments">
      {recordings.value.map((recording, at) => (
        <EnvironmentOf key={at} name={runs[at]!.name} recording={recording} />
      ))}
    </div>
  );
}

function EnvironmentOf({ name, recording }: { readonly name: string; readonly recording: Recording }) {
  const { run, environment, process } = recording;
  const programs = programsOf(environment, process);
  return (
    <article>
      <h2 class={runs.length === 1 ? 'hidden' : undefined}>{name}</h2>
      {programs.map((program) => (
        <ProgramOf key={program.environment.pid} program={program} />
      ))}
      {programs.length === 0 && (
        <p>
          No recorder looked into the program, so nothing is known of its modules and limits. Recorders for
          Python, Node and Ruby do: <code>abreast doctor</code> says what they need.
        </p>
      )}
      <h3>Recorded</h3>
      <p>
        {new Date(run.startedUs / 1_000).toISOString().replace('T', ' ').slice(0, 19)} UTC
        {run.host !== undefined && `, on ${run.host.os} ${run.host.kernel ?? ''}, ${cpus(run.host.cpus)}`}, by{' '}
        {run.recorders.map(({ name, version }) => `${name} ${version}`).join(', ')}.
      </p>
      <Missed recorders={run.recorders} />
    </article>
  );
}

function cpus(number: number): string {
  return `${number} ${number === 1 ? 'CPU' : 'CPUs'}`;
}

function Missed({ recorders }: { readonly recorders: readonly Recorder[] }) {
  const missed = recorders.filter((recorder) => recorder.missed !== undefined);
  if (missed.length === 0) return null;
  return (
    <ul class="notes">
      {missed.map(({ name, missed }) => (
        <li key={name}>
          {name} could not see everything: {missed}
        </li>
      ))}
    </ul>
  );
}

function ProgramOf({ program: { environment, processes } }: { readonly program: Program }) {
  const { language, version, patches = [], limits = [], modules = [] } = environment;
  return (
    <section>
      <h3>
        {language} {version}
      </h3>
      <ul class="processes">
        {processes.map(({ pid, argv }) => (
          <li key={pid}>
            process {pid} {argv !== undefined && <code>{argv.join(' ')}</code>}
          </li>
        ))}
      </ul>
      <Replaced patches={patches} />
      <Limits limits={limits} />
      <Modules modules={modules} />
    </section>
  );
}

function Replaced({ patches }: { readonly patches: readonly Patch[] }) {
  if (patches.length === 0) return <p class="quiet">No package is known to have replaced anything.</p>;
  return (
    <>
      <h4>Replaced</h4>
      <dl class="replaced">
        {replacersOf(patches).map(({ by, replaced, others, left }) => (
          <Fragment key={by}>
            <dt>{by}</dt>
            <dd>
              {[...replaced].map(([at, targets]) => (
                <p key={at}>
                  replaced {targets.join(', ')} <Place at={at} />
                </p>
              ))}
              {others.map(({ target, replacement, at = '' }) => (
                <p key={target}>
                  put {replacement} in the place of {target} <Place at={at} />
                </p>
              ))}
              {left.length > 0 && <p>left as they were: {left.join(', ')}</p>}
            </dd>
          </Fragment>
        ))}
      </dl>
    </>
  );
}

function Place({ at }: { readonly at: string }) {
  return at === '' ? null : <code class="quiet">{shortPlace(at)}</code>;
}

function Limits({ limits }: { readonly limits: readonly Limit[] }) {
  if (limits.length === 0) return null;
  const once = [...new Map(limits.map((limit) => [JSON.stringify(limit), limit])).values()];
  return (
    <Listing title="Limits" columns={['of', 'size', 'set at']}>
      {once.map(({ of, size, blocks, setAt }) => (
        <tr key={`${of} ${size} ${setAt}`}>
          <td>
            {of} {blocks === false && <span class="quiet">(what exceeds it does not wait)</span>}
          </td>
          <td class="number">{count(size)}</td>
          <td>{setAt !== undefined && <code>{shortPlace(setAt)}</code>}</td>
        </tr>
      ))}
    </Listing>
  );
}

function Modules({ modules }: { readonly modules: readonly Module[] }) {
  if (modules.length === 0) return null;
  return (
    <Listing title="Modules" columns={['name', 'version', 'from']}>
      {modules.map(({ name, version, where }) => (
        <tr key={`${name} ${where}`}>
          <td>{name}</td>
          <td>{version}</td>
          <td class="quiet">{where}</td>
        </tr>
      ))}
    </Listing>
  );
}

function Listing({
  title,
  columns,
  children,
}: {
  readonly title: string;
  readonly columns: readonly string[];
  readonly children: ComponentChildren;
}) {
  return (
    <div class="listing">
      <table>
        <caption>{title}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
