import { duration } from '../numbers.ts';
import { rule } from '../rule.ts';
import { nameOf, processesOf } from '../scene/processes.ts';
import { LEAST_BLAMED } from '../thresholds.ts';

/** A control group that gives its processes less CPU time than they ask for, and stops them for the rest of each period. */
export const cpuQuota = rule({
  id: 'cpu-quota',
  step: 'none',
  means: 'the program is stopped again and again, because it has used up its quota of CPU time',
  toldFrom: "the kernel's count of the time for which its control group was throttled",
  fix: {
    any: "Give its container more CPU (`docker run --cpus`, Kubernetes' `resources.limits.cpu`, systemd's `CPUQuota=`), or none of these limits.",
  },
  sure: 'certain',
  references: [
    {
      url: 'https://docs.kernel.org/scheduler/sched-bwc.html',
      title: 'CFS Bandwidth Control',
    },
  ],
  yieldsTo: [],
  find: (scene) => {
    const processes = processesOf(scene);
    const pids = new Set(scene.exchanges.map(({ exchange }) => exchange.pid));
    const own = [...pids].flatMap((pid) => processes.get(pid ?? -1) ?? []);
    // Processes of one group share what it counts.
    const most = own.reduce<(typeof own)[number] | undefined>(
      (sofar, one) => ((one.throttledUs ?? 0) > (sofar?.throttledUs ?? 0) ? one : sofar),
      undefined,
    );
    const throttledUs = most?.throttledUs ?? 0;
    const share = Math.min(1, throttledUs / (scene.toUs - scene.fromUs));
    if (most === undefined || share < LEAST_BLAMED) return undefined;
    return {
      confidence: 'certain',
      share: Math.min(share, scene.lostShare),
      text: `A quota of CPU time held the program back for ${duration(throttledUs)}, added up over the CPUs that it ran on.`,
      because: ['Its control group had used up what it may in each period (cpu.stat).'],
      places: [],
      evidence: [{ kind: 'process', pid: most.pid, name: nameOf(most) ?? 'process' }],
    };
  },
});
