import type { Platform } from '../channel/platform';

/**
 * Hours within which a platform wants its data deleted once an account is disconnected, where its
 * rules name a number: X Developer Policy, "Content compliance" (24 hours); YouTube API Services
 * Developer Policies, III.E.4 (7 days).
 */
const limitHours: Readonly<Partial<Record<Platform, number>>> = { X: 24, YOUTUBE: 7 * 24 };

/**
 * When the platform's own limit is over; null where its rules name none.
 *
 * @param requestedAt of the disconnect, ISO 8601 UTC
 */
export function deletionLimitOf(platform: Platform, requestedAt: string): string | null {
  const hours = limitHours[platform];
  if (hours === undefined) return null;
  return new Date(Date.parse(requestedAt) + hours * 3_600_000).toISOString();
}
