import { describe, expect, test } from 'vitest';
import type { SessionRequest } from '../channels/sessions.ts';
import { clientName } from './client-name.ts';
import { FORWARD, type SeenChannel, seenSession } from './seen-channel.ts';

const OPENSSH = 'SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3';
const WINDOWS = 'SSH-2.0-OpenSSH_for_Windows_9.5';

const run = (command: string, pty = false) => seenSession({ kind: 'exec', command }, pty);
const shell = (pty: boolean) => seenSession({ kind: 'shell' }, pty);
const subsystem = (name: string) => seenSession({ kind: 'subsystem', name }, false);

test.each([
  [OPENSSH, 'OpenSSH'],
  ['SSH-2.0-OpenSSH_10.0', 'OpenSSH'],
  [WINDOWS, 'OpenSSH for Windows'],
  ['SSH-2.0-PuTTY_Release_0.81', 'PuTTY'],
  ['SSH-2.0-PuTTY_Snapshot_2024', 'PuTTY'],
  ['SSH-2.0-KiTTY_Release_0.76', 'KiTTY'],
  ['SSH-2.0-MoTTY_Release_0.78', 'MobaXterm'],
  ['SSH-2.0-WinSCP_release_6.3', 'WinSCP'],
  ['SSH-2.0-FileZilla_3.66.5', 'FileZilla'],
  ['SSH-2.0-Cyberduck/8.7.0.40629', 'Cyberduck'],
  ['SSH-2.0-paramiko_3.4.0', 'Paramiko'],
  ['SSH-2.0-libssh2_1.11.0', 'libssh2'],
  ['SSH-2.0-libssh_0.10.6', 'libssh'],
  ['SSH-2.0-JSCH-0.1.54', 'JSch'],
  ['SSH-2.0-JSCH_0.2.16', 'JSch'],
  ['SSH-2.0-SSHJ_0.38.0', 'SSHJ'],
  ['SSH-2.0-AsyncSSH_2.14.2', 'AsyncSSH'],
  ['SSH-2.0-Go', 'Go'],
  ['SSH-2.0-dropbear_2022.83', 'Dropbear'],
  ['SSH-2.0-Termius_8.0', 'Termius'],
  ['SSH-2.0-ssh2js1.15.0', 'ssh2 for Node.js'],
  ['SSH-2.0-9.31 FlowSsh: Bitvise SSH Client (Tunnelier) 9.31', 'Bitvise'],
  ['SSH-2.0-JetBrains_2025.2', 'JetBrains'],
  ['SSH-2.0-Gopher_1.0', 'Gopher'],
  ['SSH-2.0-my-client-2.3 with a comment', 'my-client'],
  ['SSH-2.0-1.2.3', 'unknown'],
  ['SSH-2.0-', 'unknown'],
  [`SSH-2.0-${'x'.repeat(200)}`, 'x'.repeat(32)],
])('%s is %s', (identification, name) => {
  expect(clientName(identification, [])).toBe(name);
});

describe('what OpenSSH is used for', () => {
  test.each<[string, string, SeenChannel[]]>([
    ['a shell', 'OpenSSH', [shell(true)]],
    ['tunnels', 'OpenSSH', [FORWARD, FORWARD]],
    ['a command', 'OpenSSH', [run('make test')]],
    ['a script on the input', 'OpenSSH', [run('bash')]],
    ['a script on the input, and the script’s own arguments', 'OpenSSH', [run('bash -s'), FORWARD]],
    ['files', 'sftp', [subsystem('sftp')]],
    ['files and a shell', 'OpenSSH', [subsystem('sftp'), shell(true)]],
    ['another subsystem', 'OpenSSH', [subsystem('netconf')]],
    ['scp', 'scp', [run('scp -t /tmp')]],
    ['rsync', 'rsync', [run('rsync --server -e.LsfxC . /tmp'), run('/usr/bin/rsync --server')]],
    ['git', 'git', [run("git-upload-pack 'a.git'")]],
    ['git as a person types it', 'OpenSSH', [run('git status')]],
    ['VS Code', 'VS Code', [run('sh'), FORWARD, FORWARD]],
    ['VS Code with bash', 'VS Code', [FORWARD, run('/bin/bash')]],
    ['VS Code with a shell of the login', 'VS Code', [shell(false), FORWARD]],
    ['a shell on a terminal with tunnels', 'OpenSSH', [shell(true), FORWARD]],
    ['VS Code and a terminal beside it', 'OpenSSH', [run('sh'), FORWARD, shell(true)]],
    ['JetBrains', 'JetBrains', [run('ls ~/.cache/JetBrains/RemoteDev/dist'), FORWARD]],
  ])('%s: %s', (_what, name, seen) => {
    expect(clientName(OPENSSH, seen)).toBe(name);
    expect(clientName(WINDOWS, seen)).toBe(name === 'OpenSSH' ? 'OpenSSH for Windows' : name);
  });

  test('is not asked of other clients', () => {
    expect(clientName('SSH-2.0-paramiko_3.4.0', [run('sh'), FORWARD])).toBe('Paramiko');
    expect(clientName('SSH-2.0-WinSCP_release_6.3', [subsystem('sftp')])).toBe('WinSCP');
  });
});

test('what people type is in nothing that is kept', () => {
  const seen = run('mysql --password=hunter2');
  expect(JSON.stringify(seen)).not.toMatch(/mysql|hunter2/);
});

test('a name of a subsystem is for terminals, too', () => {
  const request: SessionRequest = { kind: 'subsystem', name: `\x1b[2J${'x'.repeat(100)}` };
  expect(seenSession(request, false).name).toMatch(/^\?\[2Jx{28}$/);
});
