const HIDDEN = '[redacted]';

const WORDS =
  'password|passwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|client-key-data|authorization';
const NAME = String.raw`[\w.-]{0,40}(?:${WORDS})[\w.-]{0,40}`;

/** "K3S_TOKEN=x", "client-key-data: x", `"token":"x"`, "--token x"; quotes may be escaped. */
const NAMED = new RegExp(
  String.raw`(?<name>${NAME})(?<close>\\*["'])?(?<separator>\s*[:=]\s*|(?<=--[\w-]{0,80})\s+)(?:(?:bearer|basic)\s+)?(?:(?<open>\\*["'])(?<quoted>[^"'\\]+)|(?<bare>[^\s"'\\,;&{}[\]]+))`,
  'gi',
);

/** "--token-file=/x", "secretName: x": where a secret lies, or what it is called, is none. */
const SAYS_WHERE = /(?:file|path|dir|name|ref)$/i;

/** What is a secret by its own look. */
const BY_LOOK: ReadonlyArray<readonly [RegExp, string]> = [
  // A block may have lost its end where only the first or last bytes of an output are kept.
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]*(?:-----END [A-Z ]*PRIVATE KEY-----)?/g, HIDDEN],
  [/(?<start>\b[a-z][a-z0-9+.-]{0,20}:\/\/[^\s/:@"]*):[^\s/@"]+@/gi, `$<start>:${HIDDEN}@`],
  // JSON in base64: JSON Web Tokens (RFC 7519), also behind "%3D", and what Docker is sent to log in with at a registry.
  [/eyJ[\w+/-]{8,}=*(?:\.[\w-]+)*/g, HIDDEN],
  // k3s's tokens (k3s docs, "token"), and the value of an Authorization header.
  [/\bK10[0-9a-f]{32,}(?:::[\w:-]+)?/g, HIDDEN],
  [/\bbearer\s+[\w.~+/-]{16,}=*/gi, HIDDEN],
];

const IS_SECRET_NAME = new RegExp(`^${NAME}$`, 'i');
const WORTH_A_LOOK = new RegExp(`${WORDS}|PRIVATE KEY|://|eyJ|K10|bearer`, 'i');

/**
 * The text without what looks like a secret: values of names such as `password` and `token`, private keys, bearer tokens,
 * passwords in URLs. Made for the output of other programs, which ends up in logs.
 */
export function withoutSecrets(text: string): string {
  if (!WORTH_A_LOOK.test(text)) return text;
  const named = text.replace(NAMED, (...found) => {
    const [whole] = found;
    const { name, close = '', separator, open = '', quoted } = found.at(-1);
    // An unquoted value after a quoted name is a number or a word of JSON.
    const isJsonWord = close === '"' && quoted === undefined;
    if (isJsonWord || SAYS_WHERE.test(name)) return whole;
    return `${name}${close}${separator}${open}${HIDDEN}`;
  });
  return BY_LOOK.reduce((kept, [pattern, instead]) => kept.replace(pattern, instead), named);
}

/** A line of JSON, in which each text is without secrets, and so are texts under such names. It keeps its line end. */
export function jsonWithoutSecrets(line: string): string {
  if (!WORTH_A_LOOK.test(line)) return line;
  const clean = JSON.parse(line, (name, value: unknown) => {
    if (typeof value !== 'string') return value;
    return IS_SECRET_NAME.test(name) && !SAYS_WHERE.test(name) ? HIDDEN : withoutSecrets(value);
  });
  return `${JSON.stringify(clean)}\n`;
}
