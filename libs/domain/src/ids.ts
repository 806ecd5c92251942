/** Crockford base 32, upper case, the first character at most 7: https://github.com/ulid/spec */
const ULID = '[0-7][0-9A-HJKMNP-TV-Z]{25}';

const patterns = {
  channel: new RegExp(`^soc_${ULID}$`),
  workspace: new RegExp(`^ws_${ULID}$`),
  user: new RegExp(`^usr_${ULID}$`),
  post: new RegExp(`^post_${ULID}$`),
};

/** What an id of ours can name. */
export type IdKind = keyof typeof patterns;

/** `soc_` + ULID. A reconnected account gets a new one, so an id never changes its meaning. */
export type ChannelId = string;
/** `ws_` + ULID. */
export type WorkspaceId = string;

/** Whether `text` has the form of an id of that kind; says nothing of whether it exists. */
export function isId(kind: IdKind, text: unknown): text is string {
  return typeof text === 'string' && patterns[kind].test(text);
}
