import type { ChannelId } from '@app/domain';
import { isId } from '@app/domain';
import { WrongUsage } from './errors';

/** @throws WrongUsage */
export function assertChannelId(text: string): asserts text is ChannelId {
  if (!isId('channel', text)) {
    throw new WrongUsage(`${String(text)} is no channel's id: soc_ and a ULID`);
  }
}
