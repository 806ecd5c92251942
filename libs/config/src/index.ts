export * from './back-off';
export * from './config.module';
export * from './env-example';
export * from './failpoints';
export * from './load-settings';
export * from './roles';
export * from './settings';
export * from './within';
