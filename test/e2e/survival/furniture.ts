import { stringify } from 'yaml';
import { kubectl } from '../harness/kubectl.ts';
import { WHOAMI_IMAGE } from '../harness/set-up.ts';
import type { Student } from '../harness/student.ts';

/** What a student puts into the container once. */
const IN_THE_CONTAINER = `
  set -e
  echo kept > ~/kept
  echo kept | sudo tee /opt/kept > /dev/null
  echo kept > /tmp/kept
  mkdir -p /tmp/deb/DEBIAN /tmp/deb/usr/local/bin
  printf 'Package: kept-tool\\nVersion: 1\\nArchitecture: all\\nMaintainer: alice <alice@example.org>\\nDescription: x\\n' > /tmp/deb/DEBIAN/control
  printf '#!/bin/sh\\necho installed\\n' > /tmp/deb/usr/local/bin/kept-tool
  chmod 755 /tmp/deb/usr/local/bin/kept-tool
  dpkg-deb --root-owner-group --build /tmp/deb /tmp/kept-tool.deb > /dev/null
  sudo apt-get install -y /tmp/kept-tool.deb > /dev/null 2>&1
  sudo mkdir -p /var/spool/cron/crontabs
  echo '* * * * * true' | sudo tee /var/spool/cron/crontabs/lab > /dev/null
`;

/** What lives in memory alone; made anew before each trial. */
const IN_MEMORY = `
  set -e
  echo kept > /dev/shm/kept
  setsid nohup bash -c 'exec -a kept-process sleep 86400' > /dev/null 2>&1 < /dev/null &
  setsid nohup nc -lk 127.0.0.1 7777 > /dev/null 2>&1 < /dev/null &
  tmux has-session -t kept 2> /dev/null || tmux new-session -d -s kept
  until pgrep -f ^kept-process && nc -z 127.0.0.1 7777; do sleep 0.1; done
`;

export async function furnish(alice: Student): Promise<void> {
  await alice.run(`bash -s`, { input: IN_THE_CONTAINER });
  await kubectl(alice, 'create secret generic kept --from-literal=word=kept');
  await kubectl(alice, 'create configmap kept --from-literal=word=kept');
  await kubectl(alice, 'apply -f -', stringify(cronJob()));
}

export async function refreshMemory(alice: Student): Promise<void> {
  await alice.run(`bash -s`, { input: IN_MEMORY });
}

function cronJob(): object {
  const container = {
    name: 'job',
    image: WHOAMI_IMAGE,
    imagePullPolicy: 'IfNotPresent',
    command: ['/program', 'get', 'http://app/'],
  };
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: 'every-minute' },
    spec: {
      schedule: '* * * * *',
      jobTemplate: {
        spec: { template: { spec: { restartPolicy: 'OnFailure', containers: [container] } } },
      },
    },
  };
}
