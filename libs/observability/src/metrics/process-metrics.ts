import { collectDefaultMetrics } from 'prom-client';
import type { Settings } from '@app/config';
import { releaseVersion } from '../release-version';
import { gauge, registry } from './meters';

const buildInfo = gauge({
  name: 'postbreeze_build_info',
  help: 'Always 1: which release runs, as which role, on which Node.',
  labels: ['version', 'role', 'node'],
});

/** Milliseconds between two looks at how late the event loop is. */
const eventLoopMonitoringPrecision = 20;

let collecting = false;

/** Processor, memory, handles, garbage collection and event-loop delay of this process, once. */
export function collectProcessMetrics({ role }: Pick<Settings, 'role'>): void {
  buildInfo.set({ version: releaseVersion() ?? 'unknown', role, node: process.version }, 1);
  if (collecting) return;
  collecting = true;
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision });
}
