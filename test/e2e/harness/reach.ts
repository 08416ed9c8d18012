import { connect } from 'node:net';
import type { Student } from './student.ts';

/** Whether a TCP connection from the student's container to this address is taken. */
export async function reaches(student: Student, host: string, port: number): Promise<boolean> {
  const verdict = await student.run(
    `timeout 3 bash -c '</dev/tcp/${host}/${port}' 2>/dev/null && echo open || echo closed`,
  );
  return verdict === 'open';
}

/** Whether this address answers one ping from the student's container. */
export async function pings(student: Student, host: string): Promise<boolean> {
  return (await student.run(`ping -c 1 -W 2 ${host} >/dev/null 2>&1 && echo there || echo gone`)) === 'there';
}

/** Whether a TCP connection from this host is taken. */
export async function hostReaches(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 3_000 });
    const settle = (open: boolean) => {
      socket.destroy();
      resolve(open);
    };
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
    socket.once('timeout', () => settle(false));
  });
}
