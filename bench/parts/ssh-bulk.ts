import { type StdioOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { SshWay } from './ssh-way.ts';

/** ms; of one transfer. */
const LIMIT = 120_000;

const FILE = 'bulk';

/** MiB/s of one transfer of `mebibytes` of zeros over the way's connection. */
export type Transfer = (way: SshWay, mebibytes: number) => Promise<number>;

/** Makes the files that `sftp` takes. */
export async function prepareTransfers(way: SshWay, mebibytes: number): Promise<void> {
  await way.student.run(`truncate -s ${mebibytes}M ${FILE}`, way.overMaster);
  await using file = await open(localFile(way), 'w');
  await file.truncate(mebibytes * 2 ** 20);
}

/** `ssh host` that prints. */
export const download: Transfer = (way, mebibytes) =>
  rate(mebibytes, () => ssh(way, `head -c ${mebibytes}M /dev/zero`, 'ignore'));

/** `ssh host` that reads. */
export const upload: Transfer = async (way, mebibytes) => {
  await using zeros = await open(localFile(way));
  return rate(mebibytes, () => ssh(way, 'exec cat >/dev/null', zeros.fd));
};

export const sftpGet: Transfer = (way, mebibytes) =>
  rate(mebibytes, () => sftp(way, `get ${FILE} /dev/null\n`));

export const sftpPut: Transfer = (way, mebibytes) =>
  rate(mebibytes, () => sftp(way, `put ${localFile(way)} /dev/null\n`));

function localFile({ student }: SshWay): string {
  return join(student.home, FILE);
}

async function rate(mebibytes: number, transfer: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await transfer();
  return mebibytes / ((performance.now() - began) / 1_000);
}

async function ssh(
  { student, overMaster }: SshWay,
  command: string,
  stdin: 'ignore' | number,
): Promise<void> {
  const stdio: StdioOptions = [stdin, 'ignore', 'inherit'];
  const client = spawn('ssh', student.sshArguments(overMaster, command), { stdio, timeout: LIMIT });
  const [code] = await once(client, 'close');
  if (code !== 0) throw new Error(`ssh ${command}: ${code}`);
}

async function sftp({ student, overMaster }: SshWay, batch: string): Promise<void> {
  const { exitCode, stderr } = await student.sftp(batch, { ...overMaster, timeout: LIMIT });
  if (exitCode !== 0) throw new Error(`sftp: ${batch}${stderr}`);
}
