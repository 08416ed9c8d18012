// @ts-check
// Preloaded into a factory (`node --import`) whose time is to be taken apart: writes each HTTP request that it makes, which
// is to Docker or a cluster, as a line of JSON to standard error, among its log.
import { subscribe } from 'node:diagnostics_channel';
import { writeSync } from 'node:fs';

/** @param {string} msg @param {unknown} message `{ request }`, as Node's documentation has it */
function mark(msg, message) {
  if (typeof message !== 'object' || message === null || !('request' in message)) return;
  const { method, path } = /** @type {import('node:http').ClientRequest} */ (message.request);
  const time = new Date(performance.timeOrigin + performance.now()).toISOString();
  writeSync(2, `${JSON.stringify({ time, msg, method, path })}\n`);
}

subscribe('http.client.request.created', (message) => mark('sent', message));
subscribe('http.client.response.finish', (message) => mark('answered', message));
