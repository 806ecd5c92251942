import { declaredSettings } from './setting.decorator';
import { Settings } from './settings';

/** The text of `.env.example`: every setting with its meaning, its readers and its default. */
export function envExample(): string {
  const defaults = new Settings() as unknown as Record<string, string | number | undefined>;
  const entries = declaredSettings().map(({ property, variable, doc, readBy, example }) => {
    const value = defaults[property];
    const readers = readBy ? `\n# Read by: ${readBy.join(', ')}.` : '';
    return value === undefined
      ? `# ${doc}${readers}\n# ${variable}=${example ?? ''}`
      : `# ${doc}${readers}\n${variable}=${value}`;
  });
  return [
    '# Every setting, with its default. Generated from libs/config: `npm run generate`.',
    ...entries,
  ]
    .join('\n\n')
    .concat('\n');
}
