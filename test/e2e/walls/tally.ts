import { type Attempt, titleOf } from './attempt.ts';

/** What came of the attempts. */
export class Tally {
  readonly #moments: string[] = [];
  readonly #attempts = new Map<string, { readonly attempt: Attempt; targets: number; asWritten: boolean }>();

  /** An attempt counts as gone wrong until it is known better. */
  begin(attempt: Attempt): void {
    const title = titleOf(attempt);
    if (this.#attempts.has(title)) throw new Error(`two attempts are called ${title}`);
    this.#attempts.set(title, { attempt, targets: 0, asWritten: false });
  }

  /** It got through, in a moment without Docker's wall. */
  moment(attempt: Attempt): void {
    this.#moments.push(titleOf(attempt));
  }

  /** `targets`: on how many it was tried. */
  asWritten(attempt: Attempt, targets: number): void {
    this.#attempts.set(titleOf(attempt), { attempt, targets, asWritten: true });
  }

  /** One line, and one for each that is not as written, or was not for a moment. */
  get summary(): string {
    const all = [...this.#attempts.values()];
    const right = all.filter(({ asWritten }) => asWritten);
    const open = right.filter(({ attempt }) => attempt.expected.kind === 'not prevented');
    const targets = right.reduce((sum, each) => sum + each.targets, 0);
    return [
      ...this.#moments.map((title) => `FOR A MOMENT    ${title}`),
      ...all.filter((each) => !each.asWritten).map(({ attempt }) => `NOT AS WRITTEN  ${titleOf(attempt)}`),
      `walls: ${all.length} attempts on ${targets} targets, ${right.length} as written: ` +
        `${right.length - open.length} refused, ${open.length} not prevented`,
    ].join('\n');
  }
}
