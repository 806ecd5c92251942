import { Option } from 'nest-commander';
import { WrongUsage } from '@app/operations';
import type { OpsOptions } from './ops-command';
import { OpsCommand } from './ops-command';

export interface LimitedOptions extends OpsOptions {
  readonly limit?: number;
}

/** How many are shown unless somebody asks for more. */
export const defaultLimit = 100;

/** A list that may be long: the latest ones are shown. */
export abstract class LimitedCommand extends OpsCommand {
  @Option({
    flags: '--limit <count>',
    description: `how many at most; ${defaultLimit} unless given`,
  })
  limit(count: string): number {
    if (!/^[1-9]\d{0,5}$/.test(count)) throw new WrongUsage('--limit is a number from 1 to 999999');
    return Number(count);
  }
}
