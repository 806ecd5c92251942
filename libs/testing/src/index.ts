export * from './builders';
export * from './free-port';
export * from './given-when-then';
export * from './members';
export * from './rest-client';
export * from './role-process';
export * from './test-bed';
export * from './wait-for';
