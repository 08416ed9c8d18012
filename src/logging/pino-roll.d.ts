/** What is used of pino-roll, which brings no types of its own: https://github.com/mcollina/pino-roll */
declare module 'pino-roll' {
  import type { EventEmitter } from 'node:events';

  interface RollingFileOptions {
    /** "<folder>/factory.jsonl" makes "<folder>/factory.1.jsonl" and so on. */
    readonly file: string;
    /** "10m": the next file begins when one is this long. */
    readonly size: string;
    /** How many files are kept; with `removeOtherLogFiles` those of earlier processes count, too. */
    readonly limit: { readonly count: number; readonly removeOtherLogFiles: boolean };
    /** Each line is written before `write` returns. */
    readonly sync: boolean;
    /** Of new files. */
    readonly mode: number;
    /** Characters that are kept while they cannot be written; what comes then is dropped. */
    readonly maxLength: number;
  }

  /** Emits `write` after each line, and `error` where one cannot be written; that one is tried again with the next. */
  interface RollingFile extends EventEmitter {
    write(text: string): boolean;
    end(): void;
  }

  function openRollingFile(options: RollingFileOptions): Promise<RollingFile>;
  export = openRollingFile;
}
