/** What a person types, as far as the picker looks at it. */
export type Key =
  | { readonly kind: 'move'; readonly to: 'up' | 'down' | 'page_up' | 'page_down' | 'first' | 'last' }
  | { readonly kind: 'enter' }
  | { readonly kind: 'leave' }
  /** A printable character of ASCII. */
  | { readonly kind: 'character'; readonly character: string };

const ESCAPE = 0x1b;

/** ^C and ^D; the client's terminal is raw and makes no signal of them. */
const LEAVE: readonly number[] = [0x03, 0x04];
const ENTER: readonly number[] = [0x0d, 0x0a];

/** No key is longer; bytes. */
const LONGEST_SEQUENCE = 16;

/** By the end of CSI and SS3 sequences (ECMA-48, xterm's ctlseqs). */
const ENDINGS: Readonly<Record<string, Key>> = {
  A: { kind: 'move', to: 'up' },
  B: { kind: 'move', to: 'down' },
  H: { kind: 'move', to: 'first' },
  F: { kind: 'move', to: 'last' },
  M: { kind: 'enter' },
};

/** By the number of `CSI number ~`. */
const NUMBERED: Readonly<Record<string, Key>> = {
  '1': { kind: 'move', to: 'first' },
  '4': { kind: 'move', to: 'last' },
  '5': { kind: 'move', to: 'page_up' },
  '6': { kind: 'move', to: 'page_down' },
  '7': { kind: 'move', to: 'first' },
  '8': { kind: 'move', to: 'last' },
};

/** Makes keys of bytes, however they are split over packets. What it does not know is no key. */
export class KeyReader {
  /** Of an escape sequence that has begun, without the escape; undefined: none has. */
  #sequence: string | undefined;

  /** An escape came, and it can be the key as well as the begin of another. */
  get undecided(): boolean {
    return this.#sequence !== undefined;
  }

  /** The key that ends with this byte; undefined: none does. */
  take(byte: number): Key | undefined {
    if (LEAVE.includes(byte)) return this.#end({ kind: 'leave' });
    if (ENTER.includes(byte)) return this.#end({ kind: 'enter' });
    if (byte === ESCAPE) return this.#begin();
    if (byte < 0x20 || byte > 0x7e) return this.#end(undefined);
    const character = String.fromCharCode(byte);
    return this.#sequence === undefined
      ? { kind: 'character', character }
      : this.#goOn(this.#sequence + character);
  }

  /** Nothing followed an escape for long: it was the key, or what was begun is given up. */
  settle(): Key | undefined {
    const alone = this.#sequence === '';
    return this.#end(alone ? { kind: 'leave' } : undefined);
  }

  /** Of two escapes the first was the key. */
  #begin(): Key | undefined {
    const twice = this.#sequence === '';
    this.#sequence = '';
    return twice ? this.#end({ kind: 'leave' }) : undefined;
  }

  #goOn(sequence: string): Key | undefined {
    this.#sequence = sequence;
    if (sequence === '[' || sequence === 'O') return undefined;
    const [, introducer, parameters = '', last = ''] = /^([[O])([ -?]*)([@-~])$/.exec(sequence) ?? [];
    if (introducer !== undefined) {
      return this.#end(last === '~' ? NUMBERED[parameters.split(';', 1)[0] ?? ''] : ENDINGS[last]);
    }
    const isOpen = /^[[O][ -?]*$/.test(sequence) && sequence.length < LONGEST_SEQUENCE;
    return isOpen ? undefined : this.#end(undefined);
  }

  #end(key: Key | undefined): Key | undefined {
    this.#sequence = undefined;
    return key;
  }
}
