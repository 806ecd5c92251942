const ulid = '[0-7][0-9A-HJKMNP-TV-Z]{25}';

/** The ids of a path, a query or a body, as regular expressions of a document. */
export const channelIdPattern = `^soc_${ulid}$`;
export const workspaceIdPattern = `^ws_${ulid}$`;
export const userIdPattern = `^usr_${ulid}$`;
export const postIdPattern = `^post_${ulid}$`;
