import { identify, type ProcessIdentity } from '@app/processes';
import { EngineStartError } from './running-engine';

/** The process that runs this. */
export function ourselves(): ProcessIdentity {
  const identity = identify(process.pid);
  if (!identity) throw new EngineStartError('This system does not tell when a process started.');
  return identity;
}
