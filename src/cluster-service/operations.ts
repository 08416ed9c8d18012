import { z } from 'zod';
import { collectionSchema, garbageItemSchema, garbageSchema } from '../control/garbage-schema.ts';
import { type InstanceId, parseInstanceId } from '../names/instance-id.ts';
import { MOST_FILES } from '../runtime/file-limits.ts';
import { SESSION_ENV } from '../runtime/session-env.ts';
import { bytes, date, nodeName, nothing, orNull, workspaceKey } from './wire-values.ts';

/*
 * What the gateway's process may ask of the one that has the Docker socket: the one table from which both sides are made. Labs are
 * named and never described, so whoever holds the gateway can choose neither an image nor a mount.
 */

/** `I` and `O`: what goes in and comes out, as the ports have them. */
export interface Operation<I, O> {
  /** In its path. */
  readonly name: string;
  /** `read`: answered at once, and changes nothing. `long`: tells how it goes on, and can be joined by its id. */
  readonly kind: 'read' | 'long';
  readonly input: z.ZodType<I>;
  readonly output: z.ZodType<O>;
}

/** Of the words that both sides speak. */
export const PROTOCOL = 2;

function read<I, O>(name: string, input: z.ZodType<I>, output: z.ZodType<O>): Operation<I, O> {
  return { name, kind: 'read', input, output };
}

function long<I, O>(name: string, input: z.ZodType<I>, output: z.ZodType<O>): Operation<I, O> {
  return { name, kind: 'long', input, output };
}

const none = z.strictObject({});
const ofWorkspace = z.strictObject({ key: workspaceKey });
const ofNode = z.strictObject({ key: workspaceKey, node: nodeName });
const keys = z.array(workspaceKey).max(100_000).readonly();
const lines = z.array(z.string()).readonly();
const port = z.int().min(1).max(65_535);
const ipv4 = z.ipv4();
const amount = z.number().nonnegative();

/** One line of authorized_keys, and nothing that sshd or a shell would read as more. */
const authorizedKey = z
  .string()
  .max(1_000)
  .regex(/^ssh-ed25519 [A-Za-z0-9+/]+={0,2}$/);

const instanceId = z.codec(z.string(), z.custom<InstanceId>(), {
  decode: (text, context) => {
    const id = parseInstanceId(text);
    if (id !== undefined) return id;
    context.issues.push({ code: 'custom', input: text, message: 'is no instance id' });
    return z.NEVER;
  },
  encode: (id) => id,
});

const node = z.object({
  name: nodeName,
  role: z.enum(['server', 'agent']),
  state: z.enum(['running', 'suspended', 'stopped', 'taken_down']),
  address: orNull(ipv4),
  ready: orNull(z.boolean()),
  version: orNull(z.string()),
  since: orNull(amount),
  memory: orNull(amount),
  cpu: orNull(amount),
});

/** As Docker names it. */
const containerId = z.string().regex(/^[0-9a-f]{64}$/);

const frontConnection = z.object({
  id: z.string().max(256),
  key: workspaceKey,
  clientAddress: z.string().max(256),
  clientProgram: z.string().max(256),
});

const variables = z.record(z.string(), z.string()).readonly();

const front = z.object({
  id: containerId,
  connection: frontConnection,
  state: z.enum(['starting', 'running', 'paused', 'ended']),
  busy: z.boolean(),
  cutOff: z.boolean(),
});

const frontLaunch = z.object({
  image: z.string(),
  user: z.string(),
  workingDir: z.string(),
  env: variables,
  labels: variables,
  binds: lines,
  mounts: z.array(z.object({ source: z.string(), target: z.string(), readOnly: z.boolean() })).readonly(),
  networkMode: z.string(),
  securityOpt: lines,
  limits: z.object({ memory: amount, cpus: amount, pids: amount }),
});

const logs = z.object({
  nodes: z.array(z.object({ name: z.string(), state: z.string(), lines })).readonly(),
  kept: orNull(z.object({ writtenAt: date, lines })),
});

/**
 * What an answer to `initialization` brought for the templates of the lab, which the service renders itself. Neither what it may
 * become nor where is for who asks to say.
 */
const values = z
  .record(z.string().max(256), z.string().max(32 * 1024))
  .refine((record) => sizeOf(record) <= 64 * 1024, 'is too large')
  .readonly();
const ofLab = z.strictObject({ key: workspaceKey, values });

/** What a session has beside the lab's own. */
const sessionVariables = z
  .record(z.string().regex(SESSION_ENV.name), z.string().max(SESSION_ENV.longestValue))
  .refine((record) => Object.keys(record).length <= SESSION_ENV.mostVariables, 'are too many')
  .refine((record) => sizeOf(record) <= SESSION_ENV.longest, 'is too large')
  .readonly();

const givenFile = z.strictObject({
  path: z.string().max(4_096).startsWith('/'),
  content: bytes(MOST_FILES),
  mode: z.int().min(0).max(0o7777),
  owner: orNull(z.string().max(256)),
});

/** Bytes. */
function sizeOf(record: Readonly<Record<string, string>>): number {
  return Object.entries(record).reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value),
    0,
  );
}

/** What the controllers know when the question is asked. */
const circumstances = z.strictObject({
  /** Workspaces that have or had a controller. */
  known: keys,
  /** Those of them that have a route. */
  routed: keys,
  /** Somebody is there, or a part of it is, or is being made. */
  live: keys,
  /** A step is under way. */
  working: keys,
});

export const OPERATIONS = {
  backend: {
    /** The first question: who is there, and where the routes are. Starts Traefik where it does not run. */
    open: long(
      'backend.open',
      none,
      z.object({
        protocol: z.literal(PROTOCOL),
        version: z.string(),
        instance: instanceId,
        ports: z.object({ http: port, https: port, kube: port }),
        api: z.url(),
      }),
    ),
    memory: read('backend.memory', none, orNull(amount)),
    reviveProxy: long('backend.revive-proxy', none, nothing),
    garbage: read('backend.garbage', z.strictObject({ circumstances }), garbageSchema),
    collectGarbage: long(
      'backend.collect-garbage',
      z.strictObject({ circumstances, item: garbageItemSchema }),
      collectionSchema,
    ),
  },
  runtime: {
    observe: read('runtime.observe', ofWorkspace, z.enum(['absent', 'stopped', 'running', 'suspended'])),
    list: read('runtime.list', none, keys),
    memory: read('runtime.memory', ofWorkspace, orNull(amount)),
    /** The lab is the one of the key. */
    create: long('runtime.create', ofLab.extend({ authorizedKey }), nothing),
    start: long('runtime.start', ofWorkspace, nothing),
    resume: long('runtime.resume', ofWorkspace, nothing),
    suspend: long('runtime.suspend', ofWorkspace, nothing),
    stop: long('runtime.stop', ofWorkspace, nothing),
    remove: long('runtime.remove', ofWorkspace, nothing),
    erase: long('runtime.erase', z.strictObject({ key: workspaceKey, home: z.boolean() }), nothing),
    /** To the cluster of its own workspace, which the service looks up. */
    attach: long('runtime.attach', ofWorkspace, nothing),
    /** Once under each id; all together have 8 MiB at most. */
    putFiles: long(
      'runtime.put-files',
      z.strictObject({
        key: workspaceKey,
        id: z.string().max(256),
        files: z.array(givenFile).max(1_000).readonly(),
      }),
      nothing,
    ),
  },
  clusters: {
    observe: read(
      'clusters.observe',
      ofWorkspace,
      z.enum(['absent', 'incomplete', 'stopped', 'running', 'restarted', 'suspended']),
    ),
    list: read('clusters.list', none, keys),
    memory: read('clusters.memory', ofWorkspace, orNull(amount)),
    addresses: read(
      'clusters.addresses',
      ofWorkspace,
      z.object({ ingress: ipv4, api: z.object({ host: ipv4, port }) }),
    ),
    attachment: read(
      'clusters.attachment',
      ofWorkspace,
      z.object({ network: z.string(), address: ipv4, kubeconfig: z.string() }),
    ),
    nodes: read('clusters.nodes', ofWorkspace, z.array(node).readonly()),
    logs: read(
      'clusters.logs',
      z.strictObject({ key: workspaceKey, lines: z.int().min(0).max(100_000) }),
      logs,
    ),
    publicKubeconfig: read('clusters.public-kubeconfig', ofWorkspace, z.string()),
    /** The lab is the one of the key. */
    create: long('clusters.create', ofLab, nothing),
    start: long('clusters.start', ofWorkspace, nothing),
    resume: long('clusters.resume', ofWorkspace, nothing),
    suspend: long('clusters.suspend', ofWorkspace, nothing),
    stop: long('clusters.stop', ofWorkspace, nothing),
    remove: long('clusters.remove', ofWorkspace, nothing),
    setAside: long('clusters.set-aside', ofWorkspace, nothing),
    stopNode: long('clusters.stop-node', ofNode, nothing),
    startNode: long('clusters.start-node', ofNode, nothing),
  },
  fronts: {
    list: read('fronts.list', none, z.array(front).readonly()),
    launch: read(
      'fronts.launch',
      z.strictObject({ connection: frontConnection, env: variables }),
      frontLaunch,
    ),
    /** That of the container's own workspace, which the service looks up. */
    putKubeconfig: long(
      'fronts.put-kubeconfig',
      z.strictObject({ key: workspaceKey, id: containerId }),
      nothing,
    ),
    remove: long('fronts.remove', z.strictObject({ id: containerId }), nothing),
  },
} as const;

export type GarbageCircumstances = z.output<typeof circumstances>;

/** The first message of a stream: what shall be opened. */
export const streamRequestSchema = z.discriminatedUnion('open', [
  z.strictObject({ open: z.literal('sshd'), key: workspaceKey, authorizedKey, env: sessionVariables }),
  z.strictObject({
    open: z.literal('exec'),
    key: workspaceKey,
    command: z.array(z.string().max(65_536)).min(1).max(1_000),
    pty: z
      .strictObject({
        columns: z.int().min(0).max(65_535),
        rows: z.int().min(0).max(65_535),
        term: z.string().max(256),
      })
      .nullable(),
  }),
]);

export type StreamRequest = z.output<typeof streamRequestSchema>;
