import { expect, test } from 'vitest';
import type { ClusterDefinition } from '../../../labs/lab-definition.ts';
import { clusterNetwork } from '../network/cluster-network.ts';
import { simpleConfig } from './simple-config.ts';

const definition: ClusterDefinition = {
  image: undefined,
  servers: 1,
  agents: 1,
  limits: { memory: 2 ** 30, cpus: 1, pids: 2000 },
  env: [{ envVar: 'GOGC=50', nodeFilters: ['server:*'] }],
  options: { k3s: { extraArgs: [{ arg: '--disable=traefik', nodeFilters: ['server:*'] }], nodeLabels: [] } },
  startTimeout: 119_500,
};

test('the config file of a cluster with an agent', () => {
  const config = simpleConfig({
    name: 'alice-0123',
    image: 'rancher/k3s:v1.35.0-k3s1',
    definition,
    network: clusterNetwork('10.209.1.16/28'),
    labels: { 'ssh-lab-factory.user': 'alice' },
    firstServerLabels: { 'traefik.enable': 'true' },
    tlsNames: ['alice.lab.example.org'],
    resolvConf: 'nameserver 192.0.2.53\n',
    manifests: [{ path: '/var/lib/rancher/k3s/server/manifests/a.yaml', text: 'kind: A\n' }],
  });
  expect(config).toMatchInlineSnapshot(`
    {
      "agents": 1,
      "apiVersion": "k3d.io/v1alpha5",
      "env": [
        {
          "envVar": "GOGC=50",
          "nodeFilters": [
            "server:*",
          ],
        },
      ],
      "files": [
        {
          "description": "name servers for pods",
          "destination": "/etc/ssh-lab-factory/resolv.conf",
          "nodeFilters": [
            "server:*",
            "agent:*",
          ],
          "source": "nameserver 192.0.2.53
    ",
        },
        {
          "description": "for Kubernetes",
          "destination": "/var/lib/rancher/k3s/server/manifests/a.yaml",
          "nodeFilters": [
            "server:*",
          ],
          "source": "kind: A
    ",
        },
      ],
      "image": "rancher/k3s:v1.35.0-k3s1",
      "kind": "Simple",
      "kubeAPI": {
        "hostIP": "127.209.1.19",
        "hostPort": "26443",
      },
      "metadata": {
        "name": "alice-0123",
      },
      "options": {
        "k3d": {
          "disableLoadbalancer": true,
          "disableRollback": true,
          "timeout": "120s",
          "wait": true,
        },
        "k3s": {
          "extraArgs": [
            {
              "arg": "--tls-san=alice.lab.example.org",
              "nodeFilters": [
                "server:*",
              ],
            },
            {
              "arg": "--kubelet-arg=pod-max-pids=1000",
              "nodeFilters": [
                "server:*",
                "agent:*",
              ],
            },
            {
              "arg": "--kube-apiserver-arg=default-not-ready-toleration-seconds=315360000",
              "nodeFilters": [
                "server:*",
              ],
            },
            {
              "arg": "--kube-apiserver-arg=default-unreachable-toleration-seconds=315360000",
              "nodeFilters": [
                "server:*",
              ],
            },
            {
              "arg": "--kubelet-arg=resolv-conf=/etc/ssh-lab-factory/resolv.conf",
              "nodeFilters": [
                "server:*",
                "agent:*",
              ],
            },
            {
              "arg": "--disable=traefik",
              "nodeFilters": [
                "server:*",
              ],
            },
          ],
          "nodeLabels": [],
        },
        "kubeconfig": {
          "switchCurrentContext": false,
          "updateDefaultKubeconfig": false,
        },
        "runtime": {
          "labels": [
            {
              "label": "ssh-lab-factory.user=alice",
              "nodeFilters": [
                "server:*",
                "agent:*",
              ],
            },
            {
              "label": "traefik.enable=true",
              "nodeFilters": [
                "server:0",
              ],
            },
          ],
        },
      },
      "servers": 1,
      "subnet": "10.209.1.16/28",
    }
  `);
});

test('three servers: as many as the lab has, and still no load balancer, so the first one is asked', () => {
  const config = simpleConfig({
    name: 'alice-0123',
    image: 'k3s',
    definition: { ...definition, servers: 3 },
    network: clusterNetwork('10.209.1.16/28'),
    labels: { a: 'b' },
    firstServerLabels: {},
    tlsNames: ['alice.lab.example.org'],
    resolvConf: undefined,
    manifests: [],
  });
  expect(config).toMatchObject({
    servers: 3,
    agents: 1,
    kubeAPI: { hostIP: '127.209.1.19', hostPort: '26443' },
    options: { k3d: { disableLoadbalancer: true } },
  });
  const ofServers = ['--tls-san=alice.lab.example.org', '--disable=traefik'];
  expect(config).toMatchObject({
    options: {
      k3s: {
        extraArgs: expect.arrayContaining(ofServers.map((arg) => ({ arg, nodeFilters: ['server:*'] }))),
      },
    },
  });
});

test('names no agents where there are none: k3d refuses a filter that matches nothing', () => {
  const config = simpleConfig({
    name: 'alice-0123',
    image: 'k3s',
    definition: { ...definition, agents: 0 },
    network: clusterNetwork('10.209.1.16/28'),
    labels: { a: 'b' },
    firstServerLabels: {},
    tlsNames: [],
    resolvConf: undefined,
    manifests: [],
  });
  expect(JSON.stringify(config)).not.toContain('agent:');
});
