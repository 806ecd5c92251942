import type { ServerHttp2Stream } from 'node:http2';
import {
  ResponderBuilder,
  ServerInterceptingCall,
  ServerListenerBuilder,
  type ServerInterceptor,
} from '@grpc/grpc-js';

/**
 * Takes only requests that came to their end. gRPC hands over a request whose connection was lost in
 * the middle as one that has ended: half of an append would be taken for all of it. That the call
 * was cancelled is told later; only the HTTP/2 stream below knows in time.
 *
 * A client that cancels in the middle is another matter: Node's HTTP/2 ends the request properly
 * before it resets the stream, so no server can tell it from a whole one.
 *
 * Has to stand first among the interceptors: the call that it wraps is gRPC's own, and the stream is
 * a private part of that.
 */
export const wholeRequests: ServerInterceptor = (_, call) => {
  const { stream } = call as unknown as { stream: ServerHttp2Stream };
  const listener = new ServerListenerBuilder()
    .withOnReceiveHalfClose((next) => {
      if (!stream.aborted) next();
    })
    .build();
  const responder = new ResponderBuilder().withStart((next) => next(listener)).build();
  return new ServerInterceptingCall(call, responder);
};
