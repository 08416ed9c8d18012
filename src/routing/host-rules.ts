import { HTTP_CHALLENGES } from '../acme/http-challenges.ts';

/**
 * Rules of Traefik (v3) for the requests of a host. Traefik itself compares names in lower case, without the port, and takes one
 * trailing dot of the `Host` of a request for nothing; patterns see that dot, so they allow it.
 *
 * Of the rules that match a request Traefik takes the longest one. As these differ in the host alone, a host that is below
 * another has its own requests. One that asks for more than the host must not be ahead by its length, see `asksForMorePriority`.
 */

/** HTTP: the host and all names below it. */
export function hostRule(host: string): string {
  return `Host(\`${host}\`) || HostRegexp(\`${namesBelow(host)}\`)`;
}

/** gRPC over HTTP, by its content types (github.com/grpc/grpc, doc/PROTOCOL-HTTP2.md): the host and all names below it. */
export function grpcRule(host: string): string {
  return `(${hostRule(host)}) && HeaderRegexp(\`Content-Type\`, \`(?i)^application/grpc($|[+;])\`)`;
}

/** Challenges of ACME over HTTP: the host and all names below it. */
export function challengeRule(host: string): string {
  return `(${hostRule(host)}) && PathPrefix(\`${HTTP_CHALLENGES}\`)`;
}

/** Before the host's own rule, and behind that of any host below it, which is longer by more than one character. */
export function asksForMorePriority(host: string): number {
  return hostRule(host).length + 1;
}

/** TLS, by what the client's hello says: the host and all names below it. */
export function sniRule(host: string): string {
  return `HostSNI(\`${host}\`) || HostSNIRegexp(\`${namesBelow(host)}\`)`;
}

/** TLS, by what the client's hello says: the host alone. */
export function exactSniRule(host: string): string {
  return `HostSNI(\`${host}\`)`;
}

/** Go's regular expression for the names below `host`: whole labels, anchored, nothing in `host` left as a wildcard. */
function namesBelow(host: string): string {
  return `(?i)^([a-z0-9_-]+\\.)+${host.replace(/[^a-z0-9-]/g, '\\$&')}\\.?$`;
}
