import './table.css';
import { duration, timesOf, waitsOf } from '../../diagnose/browser.ts';
import type { Exchange } from '../../trace/browser.ts';
import { recordings } from './state.ts';

/** The first exchanges, a row each. */
export function Table() {
  const [recording] = recordings.value;
  if (recording === undefined) return null;
  return (
    <table class="exchanges">
      <thead>
        <tr>
          <th scope="col">URL</th>
          <th scope="col">status</th>
          <th scope="col">wanted</th>
          <th scope="col">blocked</th>
          <th scope="col">answer</th>
        </tr>
      </thead>
      <tbody>
        {recording.exchange.slice(0, 100).map((exchange) => (
          <Row key={exchange.id} exchange={exchange} endedUs={recording.endedUs} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ exchange, endedUs }: { readonly exchange: Exchange; readonly endedUs: number }) {
  const times = timesOf(exchange);
  const waits = times && waitsOf(times, endedUs);
  return (
    <tr>
      <td class="url">{exchange.url ?? exchange.origin}</td>
      <td class="number">{exchange.status ?? exchange.error ?? ''}</td>
      <td class="number">{times && duration(times.wanted)}</td>
      <td class="number">{waits && duration(waits.sent)}</td>
      <td class="number">{waits && duration(waits.answered)}</td>
    </tr>
  );
}
