import ipaddr from 'ipaddr.js';

/** What is wrong with the URL of a key source, or undefined. Keys that travel unprotected could be anybody's. */
export function keySourceUrlMistake(text: string): string | undefined {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    return 'must be a URL such as https://github.com';
  }
  if (url.username !== '' || url.password !== '') return 'must not hold a user name or password';
  if (url.search !== '' || url.hash !== '') return 'must not have a ? or # part';
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    return 'must begin with https://; over plain http anybody on the way could put in keys of their own';
  }
  return undefined;
}

/** `host` as in a URL: a name, an IPv4 address or an IPv6 address in brackets. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '');
  if (bare === 'localhost') return true;
  return ipaddr.isValid(bare) && ipaddr.process(bare).range() === 'loopback';
}
