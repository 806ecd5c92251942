export * from './access.module';
export * from './api-keys';
export * from './credentials';
export * from './permissions';
export * from './service-credentials';
export * from './workspaces';
