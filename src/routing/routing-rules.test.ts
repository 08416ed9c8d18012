import fc from 'fast-check';
import { expect, test } from 'vitest';
import { traefikConfiguration } from './routing-rules.ts';

const options = { asleepPage: 'http://127.0.0.1:8080', generation: 'g1' };
const addresses = { ingress: '10.209.1.3', api: { host: '10.209.1.3', port: 6443 } };

test('an awake and an asleep host', () => {
  const hosts = [
    { host: 'alice.lab.example.org', route: { kind: 'awake', addresses } },
    { host: 'bob.lab.example.org', route: { kind: 'asleep' } },
  ] as const;
  expect(traefikConfiguration(hosts, options)).toMatchInlineSnapshot(`
    {
      "http": {
        "middlewares": {
          "asleep-page": {
            "replacePath": {
              "path": "/asleep",
            },
          },
          "generation-g1": {
            "replacePath": {
              "path": "/",
            },
          },
        },
        "routers": {
          "alice.lab.example.org": {
            "entryPoints": [
              "web",
            ],
            "rule": "Host(\`alice.lab.example.org\`) || HostRegexp(\`(?i)^([a-z0-9_-]+\\.)+alice\\.lab\\.example\\.org$\`)",
            "service": "alice.lab.example.org",
          },
          "bob.lab.example.org": {
            "entryPoints": [
              "web",
            ],
            "middlewares": [
              "asleep-page",
            ],
            "rule": "Host(\`bob.lab.example.org\`) || HostRegexp(\`(?i)^([a-z0-9_-]+\\.)+bob\\.lab\\.example\\.org$\`)",
            "service": "asleep",
          },
        },
        "serversTransports": {
          "workspace": {
            "forwardingTimeouts": {
              "dialTimeout": "5s",
            },
          },
        },
        "services": {
          "alice.lab.example.org": {
            "loadBalancer": {
              "passHostHeader": true,
              "servers": [
                {
                  "url": "http://10.209.1.3:80",
                },
              ],
              "serversTransport": "workspace",
            },
          },
          "asleep": {
            "loadBalancer": {
              "passHostHeader": true,
              "servers": [
                {
                  "url": "http://127.0.0.1:8080",
                },
              ],
              "serversTransport": "workspace",
            },
          },
        },
      },
      "tcp": {
        "routers": {
          "alice.lab.example.org": {
            "entryPoints": [
              "websecure",
            ],
            "rule": "HostSNI(\`alice.lab.example.org\`) || HostSNIRegexp(\`(?i)^([a-z0-9_-]+\\.)+alice\\.lab\\.example\\.org$\`)",
            "service": "alice.lab.example.org",
            "tls": {
              "passthrough": true,
            },
          },
          "kube_alice.lab.example.org": {
            "entryPoints": [
              "kube",
            ],
            "rule": "HostSNI(\`alice.lab.example.org\`)",
            "service": "kube_alice.lab.example.org",
            "tls": {
              "passthrough": true,
            },
          },
        },
        "services": {
          "alice.lab.example.org": {
            "loadBalancer": {
              "servers": [
                {
                  "address": "10.209.1.3:443",
                },
              ],
            },
          },
          "kube_alice.lab.example.org": {
            "loadBalancer": {
              "servers": [
                {
                  "address": "10.209.1.3:6443",
                },
              ],
            },
          },
        },
      },
      "tls": {
        "options": {
          "default": {
            "sniStrict": true,
          },
        },
      },
    }
  `);
});

test("a user called kube-alice and alice do not get in each other's way", () => {
  const hosts = ['alice.lab.example.org', 'kube-alice.lab.example.org'].map((host) => {
    return { host, route: { kind: 'awake', addresses } } as const;
  });
  const text = JSON.stringify(traefikConfiguration(hosts, options));
  const rules = Object.values<{ rule: string; entryPoints: string[] }>(JSON.parse(text).tcp.routers)
    .filter(({ entryPoints }) => entryPoints.includes('kube'))
    .map(({ rule }) => rule);
  expect(rules).toEqual(hosts.map(({ host }) => `HostSNI(\`${host}\`)`));
});

test('no section is empty: Traefik refuses the whole file for one', () => {
  const empty = (value: unknown): boolean =>
    typeof value === 'object' &&
    value !== null &&
    (Object.keys(value).length === 0 || Object.values(value).some(empty));
  expect(empty(traefikConfiguration([], options))).toBe(false);
  expect(empty(traefikConfiguration([{ host: 'a.localhost', route: { kind: 'asleep' } }], options))).toBe(
    false,
  );
});

test('the pattern of a host matches names below it and nothing else', () => {
  const label = fc.stringMatching(/^[a-z0-9](-?[a-z0-9]){0,8}$/);
  const host = fc.tuple(label, label).map((labels) => labels.join('.'));
  fc.assert(
    fc.property(host, fc.oneof(host, fc.string()), label, (own, other, below) => {
      const pattern = patternOf(own);
      expect(pattern.test(`${below}.${own}`)).toBe(true);
      expect(pattern.test(`${below}.${below}.${own}`)).toBe(true);
      expect(pattern.test(own)).toBe(false);
      expect(pattern.test(`${below}${own}`)).toBe(false);
      expect(pattern.test(`${below}.${own}.${below}`)).toBe(false);
      expect(pattern.test(`${below}.${own.replace('.', 'x')}`)).toBe(false);
      if (!`.${other.toLowerCase()}`.endsWith(`.${own}`))
        expect(pattern.test(`${below}.${other}`)).toBe(false);
    }),
  );
});

test('a host below another has its requests: the longer rule goes first with Traefik, and no rule says otherwise', () => {
  const labels = fc.array(fc.stringMatching(/^[a-z0-9](-?[a-z0-9]){0,8}$/), { minLength: 1, maxLength: 3 });
  const route = fc.constantFrom({ kind: 'awake', addresses } as const, { kind: 'asleep' } as const);
  fc.assert(
    fc.property(labels, labels, route, route, (above, below, one, other) => {
      const outer = above.join('.');
      const inner = [...below, outer].join('.');
      const hosts = [
        { host: outer, route: one },
        { host: inner, route: other },
      ];
      const { http, tcp } = JSON.parse(JSON.stringify(traefikConfiguration(hosts, options)));
      for (const routers of [http.routers, tcp?.routers ?? {}]) {
        expect(JSON.stringify(routers)).not.toContain('priority');
        if (routers[outer] === undefined || routers[inner] === undefined) continue;
        expect(routers[inner].rule.length).toBeGreaterThan(routers[outer].rule.length);
      }
    }),
  );
});

/** As Go reads it: `(?i)` is its flag for any case. */
function patternOf(host: string): RegExp {
  const text = JSON.stringify(traefikConfiguration([{ host, route: { kind: 'asleep' } }], options));
  const rule: string = JSON.parse(text).http.routers[host].rule;
  const pattern = rule.match(/HostRegexp\(`\(\?i\)(.*)`\)$/)?.[1];
  if (pattern === undefined) throw new Error(rule);
  return new RegExp(pattern, 'i');
}
