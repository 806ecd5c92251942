export * from './api-key.guard';
export * from './channel-id.pipe';
export * from './error.filter';
export * from './fastify-adapter';
export * from './http-problem';
export * from './http.module';
export * from './request-id';
export * from './service.guard';
