import type { Disconnection, DisconnectionEvent } from '@app/domain';
import { evolveDisconnection, openDisconnection } from '@app/domain';
import type { Folding } from '@app/event-store';

/** How `disconnection-<channel id>` becomes what decisions about it are made on. */
export const disconnectionFolding: Folding<Disconnection, DisconnectionEvent> = {
  initial: openDisconnection,
  evolve: evolveDisconnection,
};
