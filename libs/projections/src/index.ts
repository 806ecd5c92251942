export * from './channels/channels.projection';
export * from './projections.module';
export * from './receipts/receipts.projection';
export * from './runtime/projection';
export * from './runtime/projector';
