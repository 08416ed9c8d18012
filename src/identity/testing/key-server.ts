import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

export type Answer = (response: ServerResponse, request: IncomingMessage) => void;

/** An HTTP server on loopback that answers as the test says at the moment. */
export interface TestKeyServer extends AsyncDisposable {
  readonly url: string;
  /** The paths asked for, in order. */
  readonly asked: string[];
  answer: Answer;
}

export async function startTestKeyServer(): Promise<TestKeyServer> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    self.answer(response, request);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const self: TestKeyServer = {
    url: `http://127.0.0.1:${address.port}`,
    asked,
    answer: notFound,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
  return self;
}

export const notFound: Answer = (response) => response.writeHead(404).end('Not Found');

export function text(body: string, type = 'text/plain; charset=utf-8'): Answer {
  return (response) => response.writeHead(200, { 'content-type': type }).end(body);
}
