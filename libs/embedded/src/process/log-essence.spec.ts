import { essenceOf, essenceOfLog } from './log-essence';

describe('essenceOf', () => {
  it('is the deepest cause of a Java exception', () => {
    const lines = [
      'ERROR KafkaRaftServer: Exiting',
      'org.apache.kafka.common.KafkaException: Socket server failed to bind',
      '\tat kafka.network.Acceptor.openServerSocket(SocketServer.scala:749)',
      'Caused by: java.net.BindException: Address already in use',
      '\tat java.base/sun.nio.ch.Net.bind0(Native Method)',
    ];
    expect(essenceOf(lines)).toBe('Caused by: java.net.BindException: Address already in use');
  });

  it("is PostgreSQL's FATAL, not the hint below it", () => {
    const lines = [
      '2026-11-25 UTC [7] FATAL:  lock file "postmaster.pid" already exists',
      'HINT:  Is another postmaster running?',
      '',
    ];
    expect(essenceOf(lines)).toMatch(/FATAL: {2}lock file "postmaster.pid" already exists$/);
  });

  it('is the last line when none is telling, and says when there is none', () => {
    expect(essenceOf(['one', ' two ', ''])).toBe('two');
    expect(essenceOf([])).toBe('nothing was logged');
    expect(essenceOfLog('/nowhere/at.log')).toBe('nothing was logged');
  });

  it('stays readable, however long the line is', () => {
    expect(essenceOf(['x'.repeat(10_000)])).toHaveLength(301);
  });
});
