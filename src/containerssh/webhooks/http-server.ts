import { readFile } from 'node:fs/promises';
import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import type { ContainerSshTls } from '../../config/sections/containerssh.ts';
import { FactoryError } from '../../errors/factory-error.ts';

/** Times in ms. */
export interface ConnectionLimits {
  /** ContainerSSH leaves each connection open and idle. */
  readonly idle: number;
  /** For a handshake of TLS, and for a request to come in whole. */
  readonly request: number;
}

const MOST_CONNECTIONS = 1_024;
const MOST_REQUESTS_PER_CONNECTION = 1_000;
/** How often connections are looked at that are over their time, ms. */
const CHECK_EVERY = 500;

/**
 * Makes a server in which no connection stays for nothing. With `tls` it speaks TLS 1.2 and later; a client whose certificate is not of
 * `clientCa` gets no further than the handshake. Rejects with `CONFIG_INVALID`.
 */
export async function prepareHttpServer(
  tls: ContainerSshTls | undefined,
  { idle, request }: ConnectionLimits,
): Promise<(listener: RequestListener) => Server> {
  const common = {
    headersTimeout: request,
    requestTimeout: request,
    keepAliveTimeout: idle,
    connectionsCheckingInterval: CHECK_EVERY,
  };
  const secure = tls && (await secureOptions(tls));
  return (listener) => {
    const server =
      secure === undefined
        ? createHttpServer(common, listener)
        : createHttpsServer({ ...common, ...secure, handshakeTimeout: request }, listener);
    server.setTimeout(request + idle);
    server.maxConnections = MOST_CONNECTIONS;
    server.maxRequestsPerSocket = MOST_REQUESTS_PER_CONNECTION;
    return server;
  };
}

async function secureOptions({ cert, key, clientCa }: ContainerSshTls) {
  const pem = { cert: await readPem('cert', cert), key: await readPem('key', key) };
  const ca = clientCa === undefined ? {} : { ca: await readPem('client_ca', clientCa) };
  const options: SecureContextOptions = { ...pem, ...ca, minVersion: 'TLSv1.2' };
  try {
    createSecureContext(options);
  } catch (cause) {
    const message = `The certificate ${cert}, its key or the client_ca is of no use; mend containerssh.tls.`;
    throw new FactoryError('CONFIG_INVALID', message, { cause });
  }
  const asksForCertificate = clientCa !== undefined;
  return { ...options, requestCert: asksForCertificate, rejectUnauthorized: asksForCertificate };
}

async function readPem(name: keyof typeof PEM, file: string): Promise<string> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw new FactoryError('CONFIG_INVALID', `${file} can't be read; mend containerssh.tls.${name}.`, {
      cause,
    });
  }
  // An authority without a certificate in it would be none, and Node says nothing of it.
  if (PEM[name].test(text)) return text;
  throw new FactoryError('CONFIG_INVALID', `${file} is no PEM of that; mend containerssh.tls.${name}.`);
}

const PEM = {
  cert: /-----BEGIN CERTIFICATE-----/,
  key: /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----/,
  client_ca: /-----BEGIN CERTIFICATE-----/,
};
