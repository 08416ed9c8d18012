import type { MethodDefinition } from '@grpc/grpc-js';

const shared = {
  requestSerialize: (text: string) => Buffer.from(text),
  requestDeserialize: String,
  responseSerialize: (text: string) => Buffer.from(text),
  responseDeserialize: String,
};

function method(path: string, isStream: boolean): MethodDefinition<string, string> {
  return { path, requestStream: isStream, responseStream: isStream, ...shared };
}

/** What both ends know of the gRPC service, with plain text for messages. */
export const ECHO_SERVICE = {
  once: method('/test.Echo/Once', false),
  talk: method('/test.Echo/Talk', true),
};
