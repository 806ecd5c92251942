import { secretFileVariable } from './secret-files';
import type { SettingInfo } from './setting.decorator';
import { declaredSettings } from './setting.decorator';
import { Settings } from './settings';

/** The text of `.env.example`: every setting with its meaning, its readers and its default. */
export function envExample(): string {
  const defaults = new Settings() as unknown as Record<string, string | number | undefined>;
  const entries = declaredSettings().map(({ property, variable, example, ...info }) => {
    const value = defaults[property];
    return value === undefined
      ? `${commentOn(variable, info)}\n# ${variable}=${example ?? ''}`
      : `${commentOn(variable, info)}\n${variable}=${value}`;
  });
  return [
    '# Every setting, with its default. Generated from libs/config: `npm run generate`.',
    ...entries,
  ]
    .join('\n\n')
    .concat('\n');
}

function commentOn(variable: string, { doc, readBy, maybeSecret }: SettingInfo): string {
  const lines = [`# ${doc}`];
  if (maybeSecret)
    lines.push(`# Or ${secretFileVariable(variable)}, a file with it: a mounted secret.`);
  if (readBy) lines.push(`# Read by: ${readBy.join(', ')}.`);
  return lines.join('\n');
}
