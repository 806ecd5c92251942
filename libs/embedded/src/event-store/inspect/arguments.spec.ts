import { parseInspection, UsageError, usage } from './arguments';

describe('what the command is asked for', () => {
  it.each([
    ['streams --prefix channel-', { kind: 'streams', prefix: 'channel-' }],
    [
      'stream channel-1 --from 3 --backwards --count 2',
      { kind: 'stream', stream: 'channel-1', from: 3, backwards: true, count: 2 },
    ],
    ['tail', { kind: 'tail', count: 20, prefix: '', follow: false }],
    ['tail --count 0 --follow', { kind: 'tail', count: 0, prefix: '', follow: true }],
  ])('%s', (line, command) => {
    expect(parseInspection(line.split(' '))).toEqual({ command, json: false, dataDir: undefined });
  });

  it('takes every option of its own and those of all', () => {
    const { json, dataDir } = parseInspection(['streams', '--json', '--data-dir', 'elsewhere'])!;
    expect([json, dataDir]).toEqual([true, 'elsewhere']);
  });

  it('takes a name that looks like an option behind --', () => {
    const inspection = parseInspection(['stream', '--', '--help']);
    expect(inspection?.command).toMatchObject({ stream: '--help' });
  });

  it.each(['--help', 'tail --help', 'streams x --help'])('is help: %s', (line) => {
    expect(parseInspection(line.split(' '))).toBeUndefined();
  });

  it.each([
    ['', 'There is no command '],
    ['remove', 'There is no command remove'],
    ['stream', 'Say which stream to show'],
    ['streams x', 'What is x for? It is one argument too many'],
    ['tail --count x', '--count takes a whole number, not x'],
    ['stream a --from 1.5', '--from takes a whole number, not 1.5'],
    ['tail --backwards', "Unknown option '--backwards'"],
    ['tail --count -1', "Option '--count' argument is ambiguous"],
  ])('is refused: %s', (line, message) => {
    const parse = () => parseInspection(line.split(' '));
    expect(parse).toThrow(new UsageError(message));
  });

  it('is refused when it is nothing', () => {
    expect(() => parseInspection([])).toThrow('Say what to show');
  });

  it('is explained on lines that fit a terminal', () => {
    expect(Math.max(...usage.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(100);
  });
});
