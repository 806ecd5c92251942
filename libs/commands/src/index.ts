export * from './bulk-disconnect/bulk-disconnect.command';
export * from './clock';
export * from './command-errors';
export * from './commands.module';
export * from './connect-channel/connect-channel.command';
export * from './disconnect-channel/disconnect-channel.command';
export * from './reauthorize-channel/reauthorize-channel.command';
export * from './report-access-revoked/report-access-revoked.command';
