import { announcedEffects } from '@app/domain';
import { counter } from '@app/observability';
import type { Finding } from './findings';

const found = counter({
  name: 'postbreeze_reconciler_findings_total',
  help: 'What the reconciler found amiss and had repaired: each one is a loss somewhere above.',
  labels: ['kind', 'effect'],
  zeroes: [
    ...announcedEffects.flatMap((effect) => [
      { kind: 'lost-message', effect },
      { kind: 'survivor', effect },
    ]),
    { kind: 'unwatched', effect: '' },
  ],
});

/** Disconnections that were not done at their deadline. */
export const overdueDisconnections = counter({
  name: 'postbreeze_disconnections_overdue_total',
  help: 'Disconnections that were not done at their deadline.',
});

/** Findings that are written down for good. */
export function countFindings(findings: readonly Finding[]): void {
  for (const { kind, effect } of findings) found.inc({ kind, effect: effect ?? '' });
}
