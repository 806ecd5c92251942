/** What the child tells its parent, once, about its start. */
export type ChildMessage =
  | { readonly ready: number /* the port it listens on */ }
  | { readonly failed: string /* one line that says what to do */ };

/** @returns whether a message from a child is one of the above */
export function isChildMessage(message: unknown): message is ChildMessage {
  return (
    typeof message === 'object' && message !== null && ('ready' in message || 'failed' in message)
  );
}
