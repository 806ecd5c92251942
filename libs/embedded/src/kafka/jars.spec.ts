import { firstError } from './jars';

describe('firstError', () => {
  it("is Maven's first, which names what failed", () => {
    const lines = [
      '[INFO] BUILD FAILURE',
      '[ERROR] Could not resolve dependencies: kafka_2.13:jar:4.4.0: unknown host',
      '[ERROR] -> [Help 1]',
    ];
    expect(firstError(lines)).toBe(
      'Could not resolve dependencies: kafka_2.13:jar:4.4.0: unknown host',
    );
  });

  it('is the last line when Maven did not get as far as an error of its own', () => {
    expect(firstError(['mvn: cannot run', 'java not found'])).toBe('java not found');
    expect(firstError([])).toBe('it printed nothing');
  });
});
