import { basename, dirname, join } from 'node:path';
import { execa } from 'execa';
import { PATIENCE } from '../harness/eventually.ts';
import { PROJECT } from '../harness/set-up.ts';
import type { Student } from '../harness/student.ts';
import { ARCHIVE, SERVER_FOLDER } from './script.ts';

/** The editor's server with the runtime that it takes along, as no lab has one: the Node of the tests, some 120 MB. */
export async function packServer(folder: string): Promise<string> {
  const file = join(folder, ARCHIVE);
  const node = ['-C', dirname(process.execPath), basename(process.execPath)];
  const libraries = ['-C', PROJECT, 'node_modules/ws'];
  const program = ['-C', import.meta.dirname, 'server'];
  await execa('tar', ['-cf', file, ...node, ...libraries, ...program], { timeout: PATIENCE });
  return file;
}

/** Sends it by a connection of its own; it has its name when it is whole. */
export async function sendServer(student: Student, file: string): Promise<void> {
  const there = `${SERVER_FOLDER}/${ARCHIVE}`;
  const { exitCode, stderr } = await student.sftp(
    `put ${file} ${there}.part\nrename ${there}.part ${there}\n`,
    { timeout: 180_000 },
  );
  if (exitCode !== 0) throw new Error(`the server was not sent: ${stderr}`);
}
