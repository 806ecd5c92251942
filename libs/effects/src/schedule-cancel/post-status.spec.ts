import type { PostStatus, TargetStatus } from './post-status';
import { derivePostStatus } from './post-status';

describe('The status of a post', () => {
  const table: [TargetStatus[], PostStatus][] = [
    [['CANCELED'], 'CANCELED'],
    [['CANCELED', 'CANCELED'], 'CANCELED'],
    [['PUBLISHED', 'CANCELED'], 'PUBLISHED'],
    [['CANCELED', 'PUBLISHED', 'PUBLISHED'], 'PUBLISHED'],
    [['SCHEDULED', 'CANCELED'], 'SCHEDULED'],
    [['NEEDS_APPROVAL', 'CANCELED'], 'NEEDS_APPROVAL'],
    [['PUBLISHING', 'CANCELED'], 'PUBLISHING'],
    [['DRAFT', 'CANCELED'], 'DRAFT'],
    [['FAILED', 'CANCELED'], 'FAILED'],
    [['FAILED', 'FAILED'], 'FAILED'],
    [['PUBLISHED', 'FAILED', 'CANCELED'], 'PARTIALLY_PUBLISHED'],
    [['PUBLISHED', 'DRAFT', 'CANCELED'], 'PARTIALLY_PUBLISHED'],
    [['PUBLISHED', 'SCHEDULED', 'CANCELED'], 'SCHEDULED'],
    [['PUBLISHED', 'PUBLISHING', 'CANCELED'], 'PUBLISHING'],
    [['SCHEDULED', 'NEEDS_APPROVAL', 'CANCELED'], 'NEEDS_APPROVAL'],
    [['SCHEDULED', 'NEEDS_APPROVAL', 'PUBLISHING'], 'PUBLISHING'],
    [['FAILED', 'SCHEDULED', 'CANCELED'], 'SCHEDULED'],
    [['FAILED', 'DRAFT', 'CANCELED'], 'DRAFT'],
  ];

  it.each(table)('of targets %j is %s', (targets, status) => {
    expect(derivePostStatus(targets)).toBe(status);
    expect(derivePostStatus([...targets].reverse())).toBe(status);
  });
});
