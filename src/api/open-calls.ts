import { FactoryError } from '../errors/factory-error.ts';
import type { Principal } from '../tokens/principal.ts';

/** So many requests of one caller, waits and event streams among them, may be open at once. */
export const MOST_OPEN_CALLS = 32;

/** Which requests are open, by who sent them: one caller does not take all there is. */
export class OpenCalls {
  readonly #open = new Map<string, number>();

  /** Throws `TOO_MANY_REQUESTS`. It counts until the handle is disposed. */
  begin(principal: Principal): Disposable {
    const name = callerName(principal);
    const count = this.#open.get(name) ?? 0;
    if (count >= MOST_OPEN_CALLS) {
      const message = `You have ${MOST_OPEN_CALLS} requests open here already; end some of them.`;
      throw new FactoryError('TOO_MANY_REQUESTS', message);
    }
    this.#open.set(name, count + 1);
    let isOpen = true;
    return {
      [Symbol.dispose]: () => {
        if (isOpen) this.#end(name);
        isOpen = false;
      },
    };
  }

  #end(name: string): void {
    const count = this.#open.get(name) ?? 0;
    if (count > 1) this.#open.set(name, count - 1);
    else this.#open.delete(name);
  }
}

/** For whom requests are counted. */
export function callerName(principal: Principal): string {
  return principal.role === 'student'
    ? `student ${principal.key.user}/${principal.key.lab}`
    : `${principal.role} ${principal.name}`;
}

/** Who gives an order, for the log and the history: of a student the user name. */
export function whoIs(principal: Principal): string {
  return principal.role === 'student' ? principal.key.user : principal.name;
}
