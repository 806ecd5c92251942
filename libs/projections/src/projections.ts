import { ChannelsProjection } from './channels/channels.projection';
import { ReceiptsProjection } from './receipts/receipts.projection';
import type { Projection } from './runtime/projection';

/** Every projection there is. */
export const projections: readonly Projection<object>[] = [
  new ChannelsProjection(),
  new ReceiptsProjection(),
];
