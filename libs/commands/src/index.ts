export * from './bulk-disconnect/bulk-disconnect.command';
export * from './clock';
export * from './command-errors';
export * from './commands.module';
export * from './connect-channel/connect-channel.command';
export * from './disconnect-channel/disconnect-channel.command';
