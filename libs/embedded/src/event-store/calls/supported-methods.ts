import {
  SupportedMethod,
  SupportedMethods,
} from '@eventstore/db-client/generated/serverfeatures_pb';

/** Not a version of the real server: nobody should take this one for it. */
const VERSION = 'embedded-1';

/** What this server serves. The client chooses its way of appending by this list. */
const METHODS: Readonly<Record<string, readonly string[]>> = {
  'event_store.client.streams.streams': ['read', 'append', 'batchappend', 'delete', 'tombstone'],
  'event_store.client.gossip.gossip': ['read'],
  'event_store.client.server_features.serverfeatures': ['getsupportedmethods'],
};

/** The answer of `ServerFeatures.GetSupportedMethods`. */
export function supportedMethods(): SupportedMethods {
  const methods = Object.entries(METHODS).flatMap(([service, names]) =>
    names.map((name) => new SupportedMethod().setServiceName(service).setMethodName(name)),
  );
  return new SupportedMethods().setEventStoreServerVersion(VERSION).setMethodsList(methods);
}
