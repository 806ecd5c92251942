export * from './channel-rows';
export * from './channel-streams';
export * from './get-channel/get-channel.query';
export * from './get-disconnection/get-disconnection.query';
export * from './list-channels/list-channels.query';
export * from './preview-disconnect/preview-disconnect.query';
export * from './queries.module';
export * from './query-errors';
