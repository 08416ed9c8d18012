import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { keySourceUrlMistake } from './key-source-url.ts';
import { lifecycleFields } from './lifecycle-values.ts';
import { acmeSection } from './sections/acme.ts';
import { containerSshSection } from './sections/containerssh.ts';
import { group } from './sections/group.ts';
import { hooksSection } from './sections/hooks.ts';
import { mounts } from './sections/mounts.ts';
import { reservedNames, trustedProxies } from './sections/routes.ts';
import { secrets } from './sections/secrets.ts';
import { failedLoginsSection } from './sections/ssh-failed-logins.ts';
import { sshLimitsSection } from './sections/ssh-limits.ts';
import { webSection } from './sections/web.ts';
import { serviceAddress, serviceListen } from './service-address.ts';
import { byteSize, domain, duration, imageName, listen, path } from './values.ts';

// The configuration file: what may stand in it, what it means and what is taken where it says nothing.
/** Without a slash at its end. */
const sourceUrl = z
  .string()
  .superRefine((url, context) => {
    const mistake = keySourceUrlMistake(url);
    if (mistake !== undefined) context.addIssue(mistake);
  })
  .transform((url) => url.replace(/\/+$/, ''));

/** One place where keys come from; exactly one of its keys is given. */
export const identitySource = z
  .strictObject({
    files: path.optional().meta({
      description: 'A folder with `<user>.keys` files; their lines are those of authorized_keys.',
    }),
    github: z
      .strictObject({
        url: sourceUrl
          .prefault('https://github.com')
          .meta({ description: 'Anything that serves `<url>/<user>.keys`: GitHub, GitLab, Gitea, …' }),
        api: sourceUrl.optional().meta({
          description:
            'The API that tells which account a user name is, as `<api>/users/<user>`: https://api.github.com for github.com, `<url>/api/v3` of a GitHub Enterprise Server. Absent: that of github.com; elsewhere a name means whoever has it.',
        }),
        fresh_for: duration
          .prefault('60s')
          .meta({ description: 'How long an answer is used without asking again.' }),
      })
      .optional()
      .meta({ description: 'The keys that users have published at GitHub or a site like it.' }),
  })
  .refine((source) => (source.files === undefined) !== (source.github === undefined), {
    error: 'must have exactly one of: files, github',
    abort: true,
  })
  .meta({ minProperties: 1, maxProperties: 1 });

const subnets = z
  .string()
  .default('10.209.0.0/16')
  .refine(isPrivateNetwork, {
    error: 'must be an IPv4 network such as 10.209.0.0/16, a /8 to /20',
    abort: true,
  })
  .meta({ description: "The workspaces' networks are cut from this one; nothing else may use it." });

function listenSection(address: string, description: string) {
  return listen.prefault(address).meta({ description });
}

/** Where the file says nothing. */
export const DEFAULT_LISTEN = {
  ssh: '127.0.0.1:2222',
  web: '127.0.0.1:8080',
  http: '127.0.0.1:8000',
  https: '127.0.0.1:8443',
  kube: '127.0.0.1:6443',
} as const;

/** Without an end to silence a workspace would stay awake for a client that is long gone. */
const SHORTEST_INTERVAL = 1_000;
const LONGEST_INTERVAL = 600_000;
const keepaliveInterval = duration.refine((ms) => ms >= SHORTEST_INTERVAL && ms <= LONGEST_INTERVAL, {
  error: 'must be from 1s to 10m',
});

export const configSchema = z
  .strictObject({
    domain: domain.prefault('localhost').meta({ description: "The students' hosts are `<user>.<domain>`." }),
    data: path.default('./.factory').meta({ description: 'The folder for what the factory itself keeps.' }),
    ssh: z
      .strictObject({
        listen: listenSection(DEFAULT_LISTEN.ssh, 'Where students come in; port 0 is a free one.'),
        keepalive: z
          .strictObject({
            interval: keepaliveInterval.prefault('15s').meta({
              description: 'A client that was silent for this long is asked for a sign of life.',
            }),
            count: z
              .int()
              .min(1)
              .max(100)
              .default(3)
              .meta({ description: 'So many questions may stay without an answer, then it is gone.' }),
          })
          .prefault({})
          .meta({ description: 'How a cut cable and a sleeping laptop are noticed.' }),
        explain_refusals: z.boolean().default(true).meta({
          description:
            'Whether who is refused is told which keys are listed. false: one sentence for all, and no sign of which names there are.',
        }),
        failed_logins: failedLoginsSection,
        key_exchange: z.enum(['compatible', 'post_quantum']).default('compatible').meta({
          description:
            'post_quantum: clients without mlkem768x25519-sha256 (OpenSSH before 9.9, PuTTY before 0.83) stay outside.',
        }),
        limits: sshLimitsSection,
      })
      .prefault({}),
    web: webSection(listenSection(DEFAULT_LISTEN.web, 'The front page, the health check and the API.')),
    routes: z
      .strictObject({
        http: listenSection(DEFAULT_LISTEN.http, "The students' Ingresses over HTTP."),
        https: listenSection(DEFAULT_LISTEN.https, "The students' Ingresses over TLS."),
        kube: listenSection(DEFAULT_LISTEN.kube, "The API of the students' clusters."),
        reserved: reservedNames,
        trusted_proxies: trustedProxies,
      })
      .prefault({}),
    identity: z.array(identitySource).min(1).optional().meta({
      description:
        'Where keys come from; the first source that knows a name is the only one asked for it. Absent: the keys of the person who runs the factory.',
    }),
    groups: z.array(group).min(1).optional().meta({ description: 'Who may use which labs.' }),
    labs: z.array(path).min(1).optional().meta({
      description:
        'Folders: each is a lab itself or holds labs. Absent: the labs that come with the factory.',
    }),
    secrets,
    mounts,
    lifecycle: z
      .strictObject(lifecycleFields)
      .prefault({})
      .meta({ description: 'When workspaces and sessions end; a lab may say otherwise.' }),
    acme: acmeSection,
    images: z
      .strictObject({
        node: imageName.optional().meta({ description: 'The k3s image of the nodes.' }),
        traefik: imageName.optional().meta({ description: 'The Traefik image of the routes.' }),
      })
      .prefault({}),
    clusters: z
      .strictObject({
        subnets,
        min_free_disk: byteSize.prefault('5Gi').meta({
          description: "With less free space on Docker's disk no cluster is created.",
        }),
        min_free_memory: byteSize.prefault('1Gi').meta({
          description: 'With less memory available on the host the longest suspended workspaces are stopped.',
        }),
        service: z
          .strictObject({
            listen: serviceListen.optional().meta({
              description:
                "Where it listens: unix:<path>, or a port of the loopback. Absent: a socket in the service's data folder.",
            }),
            url: serviceAddress.optional().meta({
              description:
                'Where the gateway finds it: unix:<path>, http:// on the loopback, or https://. Absent: where it listens.',
            }),
            trust: path.optional().meta({
              description:
                "The file with the gateway's public keys, which the gateway writes. Absent: in the gateway's data folder.",
            }),
            data: path.optional().meta({
              description: "The service's own data folder. Absent: `data` with -clusters after it.",
            }),
          })
          .prefault({})
          .meta({
            description: 'For a Docker socket in a process of its own: factory serve --roles clusters.',
          }),
      })
      .prefault({}),
    hooks: hooksSection,
    containerssh: containerSshSection.optional(),
    shutdown: z
      .strictObject({
        timeout: duration.prefault('5s').meta({ description: 'How long sessions may go on after SIGTERM.' }),
      })
      .prefault({}),
    log: z
      .strictObject({ level: z.enum(['trace', 'debug', 'info', 'warn', 'error']).default('info') })
      .prefault({}),
  })
  .meta({ title: 'ssh-lab-factory configuration' });

export type ConfigFile = z.output<typeof configSchema>;

function isPrivateNetwork(text: string): boolean {
  try {
    const [address, bits] = ipaddr.parseCIDR(text);
    return address.kind() === 'ipv4' && bits >= 8 && bits <= 20;
  } catch {
    return false;
  }
}
