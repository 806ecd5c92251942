import { readFileSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { declaredSettings } from './setting.decorator';
import { SettingsError } from './settings-error';

/** The variable that names a file with the value of another: the way of Docker's official images. */
export function secretFileVariable(variable: string): string {
  return `${variable}_FILE`;
}

/**
 * An environment in which each setting that may be a secret has its value, also where only
 * `<NAME>_FILE` was given: the content of that file, without the ends of lines after it. No
 * `<NAME>_FILE` of theirs is left in it, so it can be given to other processes.
 *
 * @throws SettingsError naming every such variable that can't be used; nothing of a file's content,
 *   and its path only if it is one: the secret itself may stand there by mistake
 */
export function withSecretsFromFiles(env: Readonly<NodeJS.ProcessEnv>): NodeJS.ProcessEnv {
  const whole = { ...env };
  const problems: string[] = [];
  for (const { variable, maybeSecret } of declaredSettings()) {
    if (!maybeSecret) continue;
    const fileVariable = secretFileVariable(variable);
    const path = whole[fileVariable];
    delete whole[fileVariable];
    if (path === undefined || path === '') continue;
    if (whole[variable]) {
      problems.push(`${variable} and ${fileVariable} are both set: unset one of them`);
      continue;
    }
    const read = readSecret(path);
    if ('value' in read) whole[variable] = read.value;
    else problems.push(`${fileVariable} can't be used: ${read.problem}`);
  }
  if (problems.length > 0) throw new SettingsError(problems);
  return whole;
}

/** `under` without what `over` gives as well, be it in the other of the two ways. */
export function withoutSecretsOf(
  over: Readonly<NodeJS.ProcessEnv>,
  under: Readonly<NodeJS.ProcessEnv>,
): NodeJS.ProcessEnv {
  const rest = { ...under };
  for (const { variable, maybeSecret } of declaredSettings()) {
    const ways = maybeSecret ? [variable, secretFileVariable(variable)] : [];
    if (!ways.some((way) => over[way])) continue;
    for (const way of ways) delete rest[way];
  }
  return rest;
}

function readSecret(path: string): { readonly value: string } | { readonly problem: string } {
  if (!isAbsolute(path)) return { problem: 'it must be the absolute path of a file' };
  try {
    const value = readFileSync(path, 'utf8').replace(/[\r\n]+$/, '');
    return value === '' ? { problem: `${path} is empty` } : { value };
  } catch (error) {
    return { problem: `${path} can't be read (${(error as { code?: string }).code})` };
  }
}
