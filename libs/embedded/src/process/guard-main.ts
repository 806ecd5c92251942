/**
 * A guard: a small process between us and an engine, which ends the engine when we are gone,
 * however we went. It lives in a session of its own, so that a Ctrl-C meant for us reaches
 * neither it nor the engine; both end when the channel to us closes.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { identify } from '@app/processes';
import { endGroup, signalGroup } from './end-group';
import type { GuardOrder, GuardReport } from './guard-protocol';
import { removeRunRecord, writeRunRecord } from './run-record';

process.once('message', (order: GuardOrder) => guard(order));

function guard(order: GuardOrder): void {
  const engine = spawn(order.command, order.args, {
    cwd: order.cwd,
    env: order.env,
    ...order.user,
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  engine.once('error', ({ message }) => reportLast({ kind: 'failed', message }));

  const { pid } = engine;
  if (pid === undefined) return;
  // A guard that fails, say on a full disk, takes its engine along.
  process.once('uncaughtException', ({ message }) => {
    signalGroup(pid, 'SIGKILL');
    reportLast({ kind: 'failed', message });
  });
  const record = keepRecord(order, pid);
  const ended = once(engine, 'exit');
  const end = () => void endGroup(pid, order.stopSignal, ended);
  process.once('disconnect', end);
  process.once('SIGTERM', end);
  process.once('SIGINT', end);
  engine.once('exit', (code, signal) => {
    // What the engine started in its group must not outlive it.
    signalGroup(pid, 'SIGKILL');
    if (record) removeRunRecord(record);
    reportLast({ kind: 'exited', code, signal });
  });
  report({ kind: 'started', pid });
}

function keepRecord(order: GuardOrder, enginePid: number): string | undefined {
  const guardian = identify(process.pid);
  const engine = identify(enginePid);
  if (order.runFolder === undefined || !guardian || !engine) return undefined;
  const { parent, stopSignal } = order;
  return writeRunRecord(order.runFolder, { parent, guard: guardian, engine, stopSignal });
}

/** A parent that is gone can't be told, and needn't be. */
function report(message: GuardReport, then: () => void = () => undefined): void {
  if (process.connected) process.send?.(message, undefined, undefined, then);
}

/** With the channel closed, nothing keeps this process any longer. */
function reportLast(message: GuardReport): void {
  report(message, () => {
    if (process.connected) process.disconnect();
  });
}
