/** What is wrong with a request about one channel before anybody looks for the channel. */
export const malformed = {
  MALFORMED_ID: 'The id is not soc_ and 26 characters of a ULID.',
  VALIDATION_FAILED: 'A field is missing, malformed or unknown.',
  BAD_REQUEST: 'The request is malformed, or the body no JSON object.',
};
