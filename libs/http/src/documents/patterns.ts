const ulid = '[0-7][0-9A-HJKMNP-TV-Z]{25}';

/** The ids of a path, a query or a body, as regular expressions of a document. */
export const channelIdPattern = `^soc_${ulid}$`;
export const workspaceIdPattern = `^ws_${ulid}$`;
export const userIdPattern = `^usr_${ulid}$`;
export const postIdPattern = `^post_${ulid}$`;
export const requestIdPattern = `^req_${ulid}$`;

/** The same as schemas, each with its example. */
export const channelIdSchema = {
  type: 'string',
  pattern: channelIdPattern,
  example: 'soc_01KAXW3J9ZP0T4QF7V2M8B6N5C',
} as const;
export const workspaceIdSchema = {
  type: 'string',
  pattern: workspaceIdPattern,
  example: 'ws_01KAXVYQ4MHC2Z7R5D9S3E8G1T',
} as const;
export const userIdSchema = {
  type: 'string',
  pattern: userIdPattern,
  example: 'usr_01KAXVXW8NB6J3F0K5P7Q2R4YD',
} as const;
export const postIdSchema = {
  type: 'string',
  pattern: postIdPattern,
  example: 'post_01KAXZ5T2C9D8E7F6G5H4J3K2M',
} as const;
export const requestIdSchema = {
  type: 'string',
  pattern: requestIdPattern,
  example: 'req_01KAXW5N0V7Q3M9C2X8Z4B6D1F',
} as const;

/** RFC 3339, as every time is told: UTC, with milliseconds. */
export const timeSchema = {
  type: 'string',
  format: 'date-time',
  example: '2026-11-25T10:15:30.000Z',
} as const;
