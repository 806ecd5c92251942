/** The processes that this service is made of. */
export const serviceRoles = ['api', 'internal', 'projector', 'relay', 'subscribers'] as const;
export type ServiceRole = (typeof serviceRoles)[number];

/** Every process that reads settings: the service's roles, the operator's CLI, the local stack. */
export type Role = ServiceRole | 'ops' | 'local';
export const roles: readonly Role[] = [...serviceRoles, 'ops', 'local'];
