import './timeline.css';
import { Details } from './details.tsx';
import { Funnel, ShownAs } from './funnel.tsx';
import { laidOut } from './laid-out.ts';
import { Minimap } from './minimap.tsx';
import { TimelineToolbar } from './timeline-toolbar.tsx';
import { Waterfall } from './waterfall.tsx';
import { WhatIf } from './what-if.tsx';

/** The run on its time line: what each exchange waited for, and who held it up. */
export function Timeline() {
  if (laidOut.value === null) return null;
  if (laidOut.value.recording.exchange.length === 0)
    return <p class="nothing">The trace has no request: there is nothing to draw.</p>;
  return (
    <div class="timeline">
      <TimelineToolbar />
      <Funnel />
      <WhatIf />
      <ShownAs />
      <Minimap />
      <Waterfall />
      <Details />
    </div>
  );
}
