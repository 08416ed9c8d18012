/**
 * What Traefik (v3.6, `pkg/middlewares/forwardedheaders`) says of the client to whom it passes a request on, and takes away
 * first where a client says it. Without the X-Forwarded-Tls-Client-Cert pair, see `CLIENT_CERTIFICATE`.
 */
const SAID_BY_TRAEFIK = [
  'X-Forwarded-For',
  'X-Forwarded-Host',
  'X-Forwarded-Method',
  'X-Forwarded-Port',
  'X-Forwarded-Prefix',
  'X-Forwarded-Proto',
  'X-Forwarded-Server',
  'X-Forwarded-Uri',
  'X-Real-Ip',
];

/** Taken away by Traefik in this spelling; it never says them, because no entry point of ours asks for such certificates. */
const CLIENT_CERTIFICATE = ['X-Forwarded-Tls-Client-Cert', 'X-Forwarded-Tls-Client-Cert-Info'];

/** What else begins so, or means the same, and that Traefik lets through: programs believe it where they find it. */
const SAID_BY_OTHERS = [
  'Forwarded', // RFC 7239
  'X-Forwarded',
  'X-Forwarded-By',
  'X-Forwarded-Client-Cert',
  'X-Forwarded-Email',
  'X-Forwarded-Groups',
  'X-Forwarded-Protocol',
  'X-Forwarded-Scheme',
  'X-Forwarded-Ssl',
  'X-Forwarded-User',
];

/**
 * The names of headers that nobody outside has a say in, and that Traefik leaves as they came. Among them those of its own with
 * underscores: a program that reads headers by CGI's names (RFC 3875 §4.1.18: HTTP_X_FORWARDED_FOR) can't tell them apart.
 */
export function forgeableHeaders(): readonly string[] {
  const underscored = [...SAID_BY_TRAEFIK, ...CLIENT_CERTIFICATE].flatMap((name) =>
    spellings(name).filter((spelling) => spelling !== name),
  );
  return [...SAID_BY_OTHERS.flatMap(spellings), ...underscored];
}

/** The name with a hyphen or an underscore at each place that has a hyphen. */
function spellings(name: string): readonly string[] {
  const [first = '', ...rest] = name.split('-');
  return rest.reduce<readonly string[]>(
    (begun, word) => begun.flatMap((start) => [`${start}-${word}`, `${start}_${word}`]),
    [first],
  );
}
