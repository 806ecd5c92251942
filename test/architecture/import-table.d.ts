/** Every lib of the table. */
export const libs: readonly string[];
/** The libs that import nothing and know no clock, chance or environment. */
export const pure: readonly string[];
/** npm packages that belong to rooms. */
export const drivers: Readonly<Record<string, readonly string[]>>;
/** The libs that a room (`domain`, `apps/api`) may import beside itself. */
export function libsFor(room: string, file?: { readonly isSpec?: boolean }): string[];
