/** Whose grants a disconnect can withdraw. */
export const grantProviders = ['google', 'tiktok', 'x', 'meta'] as const;
export type GrantProviderName = (typeof grantProviders)[number];
