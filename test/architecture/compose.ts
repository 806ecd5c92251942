import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';

export const root = resolve(__dirname, '../..');
export const dockerFolder = join(root, 'docker');

/** A service of a Compose file, as far as it is written in docker/: the Compose Specification. */
export interface ComposeService {
  readonly image: string;
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string | number | null>>;
  /** `source:target` or `source:target:ro`. */
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly secrets?: readonly string[];
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly restart?: string;
  readonly profiles?: readonly string[];
  readonly user?: string;
  readonly init?: boolean;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly stop_grace_period?: string;
  readonly deploy?: { readonly resources: { readonly limits: Readonly<Record<string, unknown>> } };
}

export interface ComposeFile {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

/** A file of docker/, with its merge keys done. */
export function composeFile(name: string): ComposeFile {
  return parse(readFileSync(join(dockerFolder, name), 'utf8'), { merge: true }) as ComposeFile;
}

/** One file over another, as `docker compose -f under -f over` does with what stands in ours. */
export function merged(under: ComposeFile, over: ComposeFile): ComposeFile {
  const services = { ...under.services };
  for (const [name, service] of Object.entries(over.services)) {
    const former = under.services[name]!;
    services[name] = {
      ...former,
      environment: { ...former.environment, ...service.environment },
      volumes: [...(former.volumes ?? []), ...(service.volumes ?? [])],
      secrets: [...(former.secrets ?? []), ...(service.secrets ?? [])],
    };
  }
  return {
    services,
    secrets: { ...under.secrets, ...over.secrets },
    volumes: { ...under.volumes, ...over.volumes },
  };
}

/** Whether a service runs this repository's image, and not an engine's. */
export function isOurs({ image }: ComposeService): boolean {
  return image.startsWith('postbreeze-channels:');
}

/** What run-role.sh is given: the role, then the role's own arguments. */
export function argumentsOf({ entrypoint = [], command = [] }: ComposeService): readonly string[] {
  // Over the image's own entry point: `/bin/sh /app/run-role.sh`.
  return [...entrypoint.slice(2), ...command];
}

/** Where a container sees what is mounted: its path, and whether it may write there. */
export function mountsOf({ volumes = [] }: ComposeService) {
  return volumes.map((volume) => {
    const [source = '', target = '', mode] = volume.split(':');
    return { source, target, isWritable: mode !== 'ro' };
  });
}

/**
 * Every service that is up, or done, before one is started, with what is waited for: for ever, if it is the
 * health of one that has no check.
 */
export function startedBefore(file: ComposeFile, name: string): Map<string, string> {
  const before = new Map<string, string>();
  const add = (service: string): void => {
    for (const [other, { condition }] of Object.entries(file.services[service]!.depends_on ?? {})) {
      const isEndless = condition === 'service_healthy' && !file.services[other]!.healthcheck;
      before.set(other, isEndless ? 'for ever' : condition);
      add(other);
    }
  };
  add(name);
  return before;
}

/** Runs a script of docker/. @returns what it printed */
export function dockerScript(name: string, ...args: string[]): string {
  return execFileSync('/bin/sh', [join(dockerFolder, name), ...args], { encoding: 'utf8' });
}
