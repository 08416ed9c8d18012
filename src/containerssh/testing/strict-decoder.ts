import { z } from 'zod';

/*
 * ContainerSSH decodes with `DisallowUnknownFields`. This is what it knows, by its sources of May 2026 (`auth/protocol.go`,
 * `config/protocol.go`, `metadata`, `config/docker.go`, `config/security.go`) and Docker's `container.Config` and `container.HostConfig`
 * as far as either side uses them. Made apart from our own schemas, so that a mistake in those shows.
 */

const value = z.strictObject({ value: z.string(), sensitive: z.boolean() });
const metadata = {
  remoteAddress: z.string().regex(/^(?:[0-9.]+|\[[0-9a-f:]+\]):\d{1,5}$/),
  connectionId: z.string(),
  metadata: z.record(z.string(), value).optional(),
  environment: z.record(z.string(), value).optional(),
  files: z.record(z.string(), z.strictObject({ value: z.base64(), sensitive: z.boolean() })).optional(),
  clientVersion: z.string(),
  username: z.string(),
  authenticatedUsername: z.string().min(1).optional(),
};

export const strictAuth = z.strictObject({ ...metadata, success: z.boolean() });

const container = z.strictObject({
  image: z.string(),
  // Merged with its own configuration (`internal/structutils`), where an empty list counts as nothing said.
  Entrypoint: z.array(z.string()).min(1).optional(),
  User: z.string().optional(),
  Hostname: z.string().optional(),
  WorkingDir: z.string().optional(),
  Env: z.array(z.string().regex(/^[^=]+=/)).optional(),
  Labels: z.record(z.string(), z.string()).optional(),
});

const host = z.strictObject({
  Binds: z.array(z.string()).optional(),
  Mounts: z
    .array(
      z.strictObject({
        Type: z.string(),
        Source: z.string(),
        Target: z.string(),
        ReadOnly: z.boolean(),
        BindOptions: z.strictObject({ Propagation: z.string(), NonRecursive: z.boolean() }),
      }),
    )
    .optional(),
  NetworkMode: z.string().optional(),
  SecurityOpt: z.array(z.string()).optional(),
  Memory: z.int().optional(),
  MemorySwap: z.int().optional(),
  NanoCpus: z.int().optional(),
  PidsLimit: z.int().optional(),
  Init: z.boolean().optional(),
});

const mode = z.enum(['enable', 'filter', 'disable']);

export const strictConfig = z.strictObject({
  ...metadata,
  config: z.strictObject({
    backend: z.literal('docker'),
    docker: z.strictObject({
      execution: z.strictObject({
        mode: z.enum(['connection', 'session']),
        imagePullPolicy: z.enum(['Always', 'IfNotPresent', 'Never']),
        container,
        host,
        shellCommand: z.array(z.string()).min(1),
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
  }),
});
