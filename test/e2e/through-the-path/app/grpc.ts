import {
  type handleBidiStreamingCall,
  type handleUnaryCall,
  Metadata,
  Server,
  ServerCredentials,
  status,
} from '@grpc/grpc-js';
import { ECHO_SERVICE } from './echo-service.ts';

/** Answers in the clear (h2c), as a pod does. */
export async function startGrpc(port: number): Promise<void> {
  const server = new Server();
  server.addService(ECHO_SERVICE, { once, talk });
  await new Promise<void>((resolve, reject) => {
    server.bindAsync(`0.0.0.0:${port}`, ServerCredentials.createInsecure(), (error) =>
      error === null ? resolve() : reject(error),
    );
  });
}

/** Says the same, or fails where it is asked to. */
const once: handleUnaryCall<string, string> = ({ request }, callback) => {
  const trailer = new Metadata();
  trailer.set('x-length', String(request.length));
  if (request !== 'fail') return callback(null, request, trailer);
  callback({ code: status.FAILED_PRECONDITION, details: 'as asked', metadata: trailer });
};

/** Answers each message before the next one comes. */
const talk: handleBidiStreamingCall<string, string> = (call) => {
  call.on('data', (text: string) => call.write(`${text}!`));
  call.on('end', () => call.end());
};
