import { createWriteStream, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { styleText } from 'node:util';
import type { ServiceRole, Settings } from '@app/config';
import { serviceRoles } from '@app/config';
import { readableLines, showsColors } from '@app/observability';
import type { Say } from './child';

export interface LineWriting {
  readonly role: ServiceRole;
  readonly dataDir: string;
  readonly logs: 'screen' | 'files';
  readonly settings: Pick<Settings, 'logFormat'>;
}

const width = Math.max(...serviceRoles.map(({ length }) => length));
/** So that the eye finds a role again. */
const colors = ['cyan', 'magenta', 'blue', 'green', 'yellow'] as const;

/**
 * Where a role's lines go, and in which form: readable unless LOG_FORMAT is json, then as they come.
 */
export async function lineWriter(writing: LineWriting): Promise<Say> {
  const { role, logs, dataDir } = writing;
  const form = await formOf(writing);
  if (logs === 'screen') return (line) => console.log(form(line));
  const folder = join(dataDir, 'logs');
  mkdirSync(folder, { recursive: true });
  const file = createWriteStream(join(folder, `${role}.log`), { flags: 'a' });
  return (line) => void file.write(`${form(line)}\n`);
}

async function formOf({ role, logs, settings }: LineWriting): Promise<(line: string) => string> {
  // For whatever reads them: what says whose a line is stands in it.
  if (settings.logFormat === 'json') return (line) => line;
  const isColored = logs === 'screen' && showsColors(process.stdout, process.env);
  const readable = await readableLines(isColored);
  if (logs === 'files') return readable;
  const name = role.padEnd(width);
  const color = colors[serviceRoles.indexOf(role)]!;
  const prefix = isColored ? styleText(color, name, { validateStream: false }) : name;
  return (line) => `${prefix} ${readable(line)}`;
}
