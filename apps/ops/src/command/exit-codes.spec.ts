import { SettingsError } from '@app/config';
import { NothingFound, WrongUsage } from '@app/operations';
import { exitCodeOf, NotConfirmed } from './exit-codes';

/** As commander throws it, which gives 1 to whatever is wrong. */
function commanders(code: string, exitCode: number): Error {
  return Object.assign(new Error('(outputHelp)'), { code, exitCode });
}

it.each([
  [0, commanders('commander.helpDisplayed', 0)],
  [0, commanders('commander.help', 0)],
  [2, commanders('commander.help', 1)],
  [2, commanders('commander.unknownOption', 1)],
  [2, new WrongUsage('a reason')],
  [2, new SettingsError(['Set DATABASE_URL'])],
  [3, new NothingFound('a reason')],
  [3, new NotConfirmed('a reason')],
  [1, new Error('a reason')],
  [1, Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })],
])('the exit code is %i for %s', (code, error) => {
  expect(exitCodeOf(error)).toBe(code);
});
