/** Shorter ones stand in ordinary texts by chance. */
const shortestSecret = 8;

/** Tells whether a text holds one of these secrets. */
export function holderOf(secrets: readonly string[]): (text: string) => boolean {
  const tellable = secrets.filter(({ length }) => length >= shortestSecret);
  return (text) => tellable.some((secret) => text.includes(secret));
}
