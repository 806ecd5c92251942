import type { BriefHealth, HealthReport } from '@app/role';

export type Health = HealthReport & { readonly code: number };

/** What a role says of itself at its port. */
export async function healthOf({ url }: { readonly url: string }): Promise<Health> {
  const response = await fetch(`${url}/health/ready`);
  return { code: response.status, ...((await response.json()) as HealthReport) };
}

/** The engines that a role misses, by whichever form its health has. */
export function missing({ engines }: HealthReport | BriefHealth): string[] {
  const states = Object.entries<string | { readonly state: string }>(engines);
  return states.flatMap(([name, engine]) =>
    (typeof engine === 'string' ? engine : engine.state) === 'ok' ? [] : [name],
  );
}
