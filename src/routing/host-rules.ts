/**
 * Rules of Traefik's routers (v3) for a workspace's host, which has the names below it of any depth as well. Traefik itself
 * does not mind the case of what is asked for in `Host` and `HostSNI`; in an expression `(?i)` says so.
 */

/** HTTP requests for the host and the names below it. */
export function httpRule(host: string): string {
  return `Host(\`${host}\`) || HostRegexp(\`${subdomains(host)}\`)`;
}

/** TLS by SNI for the host and the names below it. */
export function tlsRule(host: string): string {
  return `HostSNI(\`${host}\`) || HostSNIRegexp(\`${subdomains(host)}\`)`;
}

/** TLS by SNI for the Kubernetes API, which is on the host itself and nowhere below it. */
export function kubeRule(host: string): string {
  return `HostSNI(\`${host}\`)`;
}

/** Go's regular expression for the names below `host`: whole labels, anchored, nothing in `host` left as a wildcard. */
function subdomains(host: string): string {
  return `(?i)^([a-z0-9_-]+\\.)+${host.replace(/[^a-z0-9-]/g, '\\$&')}$`;
}
