import { ServerInterceptingCall, type ServerInterceptor } from '@grpc/grpc-js';

/** Answers that are handed over together: a page of events. */
export type ManyAnswers = readonly Buffer[];

/**
 * Sends many answers at once. gRPC's own stream sends one, waits until the socket has it, and sends the
 * next: a reader of a long log waits for a system call for each event. What is written within one turn
 * leaves the process together.
 */
export const sendTogether: ServerInterceptor = (_, call) => new SendTogether(call);

class SendTogether extends ServerInterceptingCall {
  override sendMessage(message: unknown, callback: () => void): void {
    if (!Array.isArray(message)) return super.sendMessage(message, callback);
    const last = message.length - 1;
    message.forEach((answer, n) => super.sendMessage(answer, n === last ? callback : ignore));
  }
}

function ignore(): void {}
