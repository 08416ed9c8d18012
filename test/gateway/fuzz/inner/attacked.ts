import { once } from 'node:events';
import { until } from '../../gateway-under-test.ts';
import type { Stream } from '../stream.ts';
import type { HostileServer } from './hostile-server.ts';
import type { Student } from './student.ts';

/** A gateway that has neither served nor ended by then hangs; ms. It may be that busy, no more. */
const DEADLINE = 45_000;

/** A student whose container has a hostile server. */
export class Attacked {
  readonly student: Student;
  readonly server: HostileServer;

  constructor(student: Student, server: HostileServer) {
    this.student = student;
    this.server = server;
  }

  /**
   * The student asks for everything, and the server sends its stream in return. Rejects if then the gateway keeps any of it, or if it cost
   * more than the one connection to the container.
   */
  async play(stream: Stream): Promise<void> {
    const waiting = new Set(['requests', 'the connection to the container']);
    const over = this.server.prepare(stream);
    void once(over, 'abort').then(() => waiting.delete('the connection to the container'));
    void this.student.visit().then(() => waiting.delete('requests'));
    await until(() => waiting.size === 0 && this.student.idle, DEADLINE).catch(() => {
      // So that the next stream has a chance.
      this.server.giveUp();
      throw new Error(`the gateway hangs: ${[...waiting, ...(this.student.idle ? [] : ['channels'])]}`);
    });
    if (!this.student.connected) throw new Error("the student's own connection was ended");
  }
}
