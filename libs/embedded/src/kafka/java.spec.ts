import { javaVersionOf } from './java';

describe('javaVersionOf', () => {
  it.each([
    ['openjdk version "17.0.15" 2025-04-15\nOpenJDK Runtime Environment', 17],
    ['Picked up JAVA_TOOL_OPTIONS: -Xss1m\nopenjdk version "21" 2023-09-19', 21],
    ['java version "1.8.0_402"', 8],
    ['openjdk version "25-ea" 2025-09-16', 25],
  ])('reads %j as %i', (printed, version) => {
    expect(javaVersionOf(printed)).toBe(version);
  });

  it('reads nothing out of what is no Java', () => {
    expect(javaVersionOf('The operation could not be completed.')).toBeUndefined();
  });
});
