/** The processes that this service is made of. */
export const serviceRoles = ['api', 'internal', 'projector', 'relay', 'subscribers'] as const;
export type ServiceRole = (typeof serviceRoles)[number];

/**
 * Every process that reads settings: the service's roles, the operators' command line, of which only
 * `ops setup` needs Kafka, and the local stack.
 */
export type Role = ServiceRole | 'ops' | 'ops setup' | 'local';
export const roles: readonly Role[] = [...serviceRoles, 'ops', 'ops setup', 'local'];
