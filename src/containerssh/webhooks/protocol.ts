import { z } from 'zod';

/*
 * ContainerSSH's webhooks (its module `metadata` and `auth/protocol.go`, `config/protocol.go`, main of May 2026; docs/containerssh.md
 * says what was seen on the wire). Requests may hold more than is named here. Answers may not: ContainerSSH decodes them strictly, so
 * each key of ours is one of its own, and what has no value is left out.
 */

const value = z.object({ value: z.string(), sensitive: z.boolean().optional() });
/** In base64; Go writes null for no bytes at all. */
const binaryValue = z.object({ value: z.base64().nullable(), sensitive: z.boolean().optional() });

/** Passed from one call of a connection to the next, and repeated by each answer. */
const passedOn = {
  metadata: z.record(z.string(), value).optional(),
  environment: z.record(z.string(), value).optional(),
  files: z.record(z.string(), binaryValue).optional(),
};

const connectionId = z
  .string()
  .regex(/^[0-9a-zA-Z-]{8,64}$/)
  .describe('of the SSH connection, opaque');

const connection = {
  remoteAddress: z.string().describe('of the SSH client, "192.0.2.7:50122"'),
  connectionId,
  ...passedOn,
  clientVersion: z.string().optional().describe('how the SSH client names itself (RFC 4253, 4.2)'),
  username: z.string().describe('as the client sent it: alice, alice/k3s or alice+k3s'),
};

const authenticated = {
  ...connection,
  authenticatedUsername: z.string().optional().describe('who it is, as the answer to /pubkey said'),
};

export const passwordRequest = z.object({ ...connection, passwordBase64: z.string() });
export const publicKeyRequest = z.object({
  ...connection,
  publicKey: z.string().describe('type and base64, as in an authorized_keys file'),
});
export const authorizationRequest = z.object(authenticated);
export const configRequest = z.object(authenticated);
/** libcontainerssh's pull request 567 sends the id alone. */
export const cleanupRequest = z.object({ connectionId });

export type FrontRequest = z.output<typeof authorizationRequest>;
export type PublicKeyRequest = z.output<typeof publicKeyRequest>;
export type PasswordRequest = z.output<typeof passwordRequest>;

export const authAnswer = z.strictObject({ ...authenticated, success: z.boolean() });
export type AuthAnswer = z.output<typeof authAnswer>;

const mode = z.literal('enable');

/** What is run for a connection; keys that begin with a capital are Docker's own (its API, containers/create). */
const launchConfig = z.strictObject({
  backend: z.literal('docker'),
  docker: z.strictObject({
    execution: z.strictObject({
      mode: z.literal('connection'),
      imagePullPolicy: z.literal('Never'),
      container: z.strictObject({
        image: z.string(),
        Entrypoint: z.array(z.string()).describe('one empty word is none; ContainerSSH drops an empty list'),
        User: z.string(),
        WorkingDir: z.string(),
        Env: z.array(z.string()),
        Labels: z.record(z.string(), z.string()),
      }),
      host: z.strictObject({
        Binds: z.array(z.string()),
        Mounts: z.array(
          z.strictObject({
            Type: z.literal('bind'),
            Source: z.string(),
            Target: z.string(),
            ReadOnly: z.boolean(),
            BindOptions: z.strictObject({ Propagation: z.literal('rprivate'), NonRecursive: z.boolean() }),
          }),
        ),
        NetworkMode: z.string(),
        SecurityOpt: z.array(z.string()),
        Memory: z.int().describe('bytes'),
        MemorySwap: z.int().describe('bytes; as much as the memory: no swap'),
        NanoCpus: z.int().describe('billionths of a core'),
        PidsLimit: z.int(),
        Init: z.boolean(),
      }),
      shellCommand: z.array(z.string()),
      disableAgent: z.boolean(),
      subsystems: z.record(z.string(), z.string()),
    }),
  }),
  security: z.strictObject({
    forwarding: z.strictObject({
      reverseForwardingMode: mode,
      forwardingMode: mode,
      socketForwardingMode: mode,
      socketListenMode: mode,
      x11ForwardingMode: mode,
    }),
  }),
});
export type LaunchConfig = z.output<typeof launchConfig>;

/** A backend that there is none of: ContainerSSH finds the configuration invalid and ends the connection at once. */
export const REFUSAL = { backend: 'refused' } as const;
const refusal = z.strictObject({ backend: z.literal(REFUSAL.backend) });

export const configAnswer = z.strictObject({
  ...authenticated,
  config: z.union([launchConfig, refusal]),
});
export type ConfigAnswer = z.output<typeof configAnswer>;

export const cleanupAnswer = z.strictObject({});

/** What every answer repeats of its request. */
export function repeated(request: FrontRequest): FrontRequest {
  const { remoteAddress, connectionId: id, metadata, environment, files, clientVersion, username } = request;
  return {
    remoteAddress,
    connectionId: id,
    ...(metadata && { metadata }),
    ...(environment && { environment }),
    ...(files && { files }),
    ...(clientVersion !== undefined && { clientVersion }),
    username,
  };
}
