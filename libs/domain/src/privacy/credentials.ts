/** What stands where something looked like a credential. */
const removed = '[removed]';

/** From this many characters on, a random text in an error can only be a credential or a trace. */
const longInAnError = 16;
/** Ids of platforms are up to 36 characters and look random too; tokens are longer. */
const longInMeta = 40;

const maxErrorLength = 500;
/** More than that is never looked at. */
const maxErrorRead = 8_192;

/** Credentials that are told by how they begin or are built; the group is what is kept of them. */
const shapes: readonly RegExp[] = [
  /()-----BEGIN [A-Z ]{1,40}-----[^-]*(?:-----END [A-Z ]{1,40}-----)?/g,
  // JSON Web Token: base64url of `{"`, then up to four more parts
  /()\beyJ[\w-]{5,}(?:\.[\w-]*){0,4}/g,
  // Google, Meta, Instagram, TikTok, Pinterest, and ours
  /()\b(?:ya29\.|1\/\/|EAA|IG[QA]|act\.|rft\.|pin[ar]_|pb_(?:live|svc)_)[\w.-]{12,}/g,
  // An app password of Bluesky
  /()(?<![\w-])[a-z0-9]{4}(?:-[a-z0-9]{4}){3}(?![\w-])/g,
  /(\bauthorization["']? ?[:=] ?["']?(?!(?:\w{1,20} )?\[)(?:(?:bearer|basic|digest|oauth) )?)[^\s"',;]+/gi,
  /(\b(?:bearer|basic) )(?:(?=[\w.~+/-]*\d)[\w.~+/=-]{6,}|[\w.~+/=-]{16,})/gi,
  // https://user:password@host
  /(\b[a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/?#@[]{1,500}(?=@)/gi,
];

const secretNames =
  'token|secret|passw(?:or)?d|passphrase|pwd|(?:api|private|access|secret)[_-]?key|credential|' +
  'signature|assertion|cookie|session[_-]?id|jwt|verifier|proof|auth';

/** `client_secret=…`, `"accessToken": "…"`, `api-key: …`. */
const namedSecret = new RegExp(
  String.raw`([\w-]{0,40}(?:${secretNames})s?["']? ?[:=] ?)(?!["']?\[removed)("[^"]*"?|'[^']*'?|[^\s"'&,;)}\]]+)`,
  'gi',
);
const secretName = new RegExp(
  `token|passw(or)?d|passphrase|(api|private|access)key|credential|authorization|bearer|cookie|` +
    `jwt|session(id|key)|secret(key)?s?$|^(auth|pwd|pass|otp|pin)$`,
);

/**
 * A platform's error text as it may be recorded: in one line, without anything that looks like a
 * credential, at most 500 characters long. Rather too much is removed than too little. The same
 * text always gives the same, so that a repeated failure is still recognised.
 */
export function scrubbed(text: string): string {
  const line = cut(text, maxErrorRead)
    // Control characters and lone surrogates: no log line, no database takes them.
    .replace(/[\p{Cc}\p{Cs}\s]+/gu, ' ')
    .trim();
  return cut(withoutCredentials(line, longInAnError), maxErrorLength);
}

/** Whether a text of `meta` has to be taken for a credential. */
export function looksLikeCredential(text: string): boolean {
  return withoutCredentials(text, longInMeta) !== text;
}

/** Whether what is kept under this name has to be taken for a credential. */
export function namesCredential(key: string): boolean {
  return secretName.test(key.toLowerCase().replace(/[^a-z0-9]/g, ''));
}

function withoutCredentials(text: string, long: number): string {
  let rest = text;
  for (const shape of shapes) rest = rest.replace(shape, `$1${removed}`);
  rest = rest.replace(namedSecret, (all: string, name: string, value: string) =>
    isProse(name, value) ? all : name + removed,
  );
  return rest.replace(/[\w+/=.~%-]{16,}/g, (run) => withoutRandomness(run, long));
}

/** "Error validating access token: Session has expired" names no token. */
function isProse(name: string, value: string): boolean {
  return name.endsWith(': ') && !/pass|pwd|secret/i.test(name) && /^[A-Z]?[a-z]{1,14}$/.test(value);
}

/** Base64 may hold the very characters that separate the parts of a path: both are looked at. */
function withoutRandomness(run: string, long: number): string {
  if (looksRandom(run, long)) return removed;
  return run.replace(/[^/.=%]+/g, (part) => (looksRandom(part, long) ? removed : part));
}

/**
 * Words keep to lower case, ids of people to digits; what is random changes between upper case,
 * lower case and digits all the time: base64 at three places of five, hex at one of two.
 */
function looksRandom(run: string, long: number): boolean {
  if (run.length < long) return false;
  if (/[A-Za-z0-9]{32,}/.test(run)) return true;
  const characters = run.replace(/[^A-Za-z0-9]/g, '');
  const changes = characters.match(/(?<=[a-z])[A-Z0-9]|(?<=[A-Z])[a-z0-9]|(?<=\d)[A-Za-z]/g) ?? [];
  return changes.length / characters.length >= (/\d/.test(run) ? 1 / 5 : 1 / 3);
}

/** Never between the halves of a character. */
function cut(text: string, length: number): string {
  return text.length <= length
    ? text
    : text.slice(0, length - 1).replace(/[\uD800-\uDBFF]$/, '') + '…';
}
