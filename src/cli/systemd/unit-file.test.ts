import { expect, test } from 'vitest';
import { type Installation, unitFile } from './unit-file.ts';

const INSTALLATION: Installation = {
  user: 'factory',
  node: '/opt/factory/node',
  root: '/opt/factory/ssh-lab-factory',
  config: '/etc/ssh-lab-factory/factory.yaml',
  workingFolder: '/etc/ssh-lab-factory',
  setupFile: '/opt/factory/setup.json',
  dockerHost: undefined,
  data: '/var/lib/ssh-lab-factory',
  shutdownTimeout: 5_000,
  role: undefined,
  sharedFolder: undefined,
};

/** The settings of a unit file: those lines that are neither comments nor sections. */
function settings(changes: Partial<Installation> = {}): readonly string[] {
  return unitFile({ ...INSTALLATION, ...changes })
    .split('\n')
    .filter((line) => /^[A-Z]/.test(line));
}

test('it serves the configuration with the Node of this installation', () => {
  expect(settings()).toContain(
    'ExecStart=/opt/factory/node /opt/factory/ssh-lab-factory/dist/cli/main.js serve --config /etc/ssh-lab-factory/factory.yaml',
  );
  expect(settings({ config: undefined })).toContain(
    'ExecStart=/opt/factory/node /opt/factory/ssh-lab-factory/dist/cli/main.js serve',
  );
});

test('sessions get the whole of shutdown.timeout before systemd kills', () => {
  expect(settings({ shutdownTimeout: 5_000 })).toContain('TimeoutStopSec=35s');
  expect(settings({ shutdownTimeout: 600_500 })).toContain('TimeoutStopSec=631s');
});

test('a user who is not root gets the right to low ports, and no other; root is left as it is', () => {
  const low = 'CAP_NET_BIND_SERVICE';
  expect(settings()).toEqual(
    expect.arrayContaining([`AmbientCapabilities=${low}`, `CapabilityBoundingSet=${low}`]),
  );
  expect(settings({ user: 'root' }).filter((line) => line.includes('Capabilit'))).toEqual([]);
});

test('systemd makes a data folder below /var/lib; any other is opened for writing', () => {
  expect(settings()).toEqual(
    expect.arrayContaining(['ReadWritePaths=/tmp', 'StateDirectory=ssh-lab-factory']),
  );
  expect(settings({ data: '/srv/factory' })).toContain('ReadWritePaths=/srv/factory /tmp');
});

test('each of two processes has its own rights, and shares a folder of /run', () => {
  const docker = 'unix:///run/user/1000/docker.sock';
  const gateway = settings({ role: 'gateway', dockerHost: docker, sharedFolder: '/run/ssh-lab-factory' });
  expect(gateway).toEqual(
    expect.arrayContaining([
      expect.stringContaining('serve --roles gateway --config'),
      'Wants=ssh-lab-factory-clusters.service network-online.target',
      'RuntimeDirectory=ssh-lab-factory',
      'AmbientCapabilities=CAP_NET_BIND_SERVICE',
      'Environment=FACTORY_SETUP=/opt/factory/setup.json',
    ]),
  );
  const clusters = settings({ role: 'clusters', dockerHost: docker });
  expect(clusters).toEqual(
    expect.arrayContaining([
      expect.stringContaining('serve --roles clusters --config'),
      'Wants=docker.service network-online.target',
      `Environment=FACTORY_SETUP=/opt/factory/setup.json DOCKER_HOST=${docker}`,
    ]),
  );
  expect(clusters.filter((line) => /Capabilit|Runtime/.test(line))).toEqual([]);
});

test("an engine that is not Docker's default one is the service's too", () => {
  expect(settings({ dockerHost: 'unix:///run/user/1000/docker.sock' })).toContain(
    'Environment=FACTORY_SETUP=/opt/factory/setup.json DOCKER_HOST=unix:///run/user/1000/docker.sock',
  );
});

test('it starts when the mounts of servers are there, which its folders may be on', () => {
  expect(settings()).toContain('After=docker.service network-online.target remote-fs.target');
});
