/** The processes that this service is made of. */
export const serviceRoles = ['api', 'internal', 'projector', 'relay', 'subscribers'] as const;
export type ServiceRole = (typeof serviceRoles)[number];

/**
 * What the operators' command line needs: `ops` the database, `ops events` the event store as well,
 * `ops setup` the database and Kafka.
 */
export const operatorRoles = ['ops', 'ops events', 'ops setup'] as const;
export type OperatorRole = (typeof operatorRoles)[number];

/** Every process that reads settings: the service's roles, the operators' commands, the local stack. */
export type Role = ServiceRole | OperatorRole | 'local';
export const roles: readonly Role[] = [...serviceRoles, ...operatorRoles, 'local'];
