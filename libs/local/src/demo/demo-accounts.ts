import type { Platform } from '@app/domain';

/** An account of the demo's invented coffee roaster. */
export interface DemoAccount {
  readonly platform: Platform;
  readonly externalId: string;
  readonly handle: string;
  readonly displayName: string;
  readonly scopes: readonly string[];
}

export const workspaceName = 'Brightleaf Coffee (demo)';

/** The first one is the one that gets disconnected. */
export const demoAccounts: readonly DemoAccount[] = [
  {
    platform: 'INSTAGRAM',
    externalId: '17841400000000001',
    handle: '@brightleaf',
    displayName: 'Brightleaf Coffee',
    scopes: ['instagram_basic', 'instagram_content_publish'],
  },
  {
    platform: 'X',
    externalId: '1700000000000000002',
    handle: '@brightleafcoffee',
    displayName: 'Brightleaf',
    scopes: ['tweet.read', 'tweet.write', 'offline.access'],
  },
  {
    platform: 'YOUTUBE',
    externalId: 'UCbrightleaf000000000003',
    handle: '@brightleaf-roastery',
    displayName: 'Brightleaf Roastery',
    scopes: ['https://www.googleapis.com/auth/youtube.upload'],
  },
];
