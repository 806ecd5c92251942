import type { Generation, Projection } from '@app/projections';
import { listGenerations, projections } from '@app/projections';
import type { DataSource } from 'typeorm';
import { NothingFound, WrongUsage } from '../errors';

/** @throws WrongUsage when there is none of that name */
export function projectionNamed(name: string): Projection<object> {
  const found = projections.find((projection) => projection.name === name);
  if (found) return found;
  const names = projections.map((projection) => projection.name).join(', ');
  throw new WrongUsage(`there is no projection '${name}'; there are ${names}`);
}

/** @throws WrongUsage when it isn't a number */
export function generationNumber(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new WrongUsage(`'${text}' is no generation: its number, as projections list shows it`);
}

/** Where an operator may go to: the newest that stands by. @throws NothingFound */
export async function newestStandby(dataSource: DataSource, name: string): Promise<Generation> {
  const standby = (await listGenerations(dataSource, name)).filter(isStandby).at(-1);
  if (standby) return standby;
  throw new NothingFound(
    `no other generation of ${name} stands by: ops projections replay ${name}`,
  );
}

/** Where an operator goes back to: what readers saw before. @throws NothingFound */
export async function formerlyLive(dataSource: DataSource, name: string): Promise<Generation> {
  const former = (await listGenerations(dataSource, name))
    .filter((generation) => isStandby(generation) && generation.liveUntil !== null)
    .sort((a, b) => b.liveUntil!.getTime() - a.liveUntil!.getTime())[0];
  if (former) return former;
  throw new NothingFound(`no generation of ${name} that readers saw before is left`);
}

function isStandby({ state }: Generation): boolean {
  return state === 'standby';
}
