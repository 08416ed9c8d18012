/** Opens a TCP connection to `host:port`. */
export function tcp(target: string): string {
  const [host, port] = split(target);
  return `timeout 2 bash -c '</dev/tcp/${host}/${port}'`;
}

/** Sends a datagram to `host:port` and has an answer. */
export function udp(target: string): string {
  return `perl -MIO::Socket::INET -e '
    my $socket = IO::Socket::INET->new(Proto => "udp", PeerAddr => "${target}") or exit 2;
    $socket->send("anybody there?");
    vec(my $waiting = "", fileno($socket), 1) = 1;
    exit(select($waiting, undef, undef, 2) > 0 && defined $socket->recv(my $answer, 99) ? 0 : 1)'`;
}

/** Asks `host:port` for a page, and has it. Not every place has curl(1). */
export function page(path: string): (target: string) => string {
  return (target) => `perl -MIO::Socket::INET -e '
    my $socket = IO::Socket::INET->new(PeerAddr => "${target}", Timeout => 4) or die "connect: $!";
    print $socket "GET ${path} HTTP/1.0\\r\\nHost: ${target}\\r\\n\\r\\n";
    my ($status) = (<$socket> // "") =~ m{^HTTP/1[.][01] (\\d+)};
    die "no answer" unless $status;
    die "answered $status" unless $status == 200'`;
}

/** Asks an HTTP server at `host:port` for nothing, and has an answer, whatever it is. */
export function answersHttp(target: string): string {
  const [host, port] = split(target);
  return `timeout 4 bash -c 'exec 3<>/dev/tcp/${host}/${port}; printf "HEAD / HTTP/1.0\\r\\n\\r\\n" >&3; read -r said <&3; [[ $said == HTTP/* ]]'`;
}

/** Has an answer to a ping, by a raw socket of its own: not every place has ping(8). */
export function ping(address: string): string {
  return `perl -MSocket -e '
    socket(my $socket, PF_INET, SOCK_RAW, 1) or die "socket: $!";
    my $id = $$ & 0x7fff;
    send($socket, pack("CCnnn", 8, 0, ~(0x0800 + $id + 1) & 0xffff, $id, 1), 0, pack_sockaddr_in(0, inet_aton("${address}")));
    for (1 .. 20) {
      vec(my $waiting = "", fileno($socket), 1) = 1;
      next unless select($waiting, undef, undef, 0.1) > 0;
      recv($socket, my $packet, 99, 0);
      my ($type, $same) = unpack("x20 C x3 n", $packet);
      exit 0 if $type == 0 && $same == $id && inet_ntoa(substr($packet, 12, 4)) eq "${address}";
    }
    exit 1'`;
}

/** Finds somebody at this address of its own bridge: whoever is there tells the address of their card. */
export function findOnBridge(address: string): string {
  return `(${ping(address)}); grep -E '^${address.replaceAll('.', '[.]')} +0x[0-9a-f]+ +0x[^0]' /proc/net/arp`;
}

/** Has an address for a name. */
export function resolve(name: string): string {
  return `getent hosts ${name}`;
}

/** Connects to a Unix socket. */
export function unixSocket(path: string): string {
  return `perl -MSocket -e 'socket(my $socket, PF_UNIX, SOCK_STREAM, 0) or die; connect($socket, pack_sockaddr_un("${path}")) or die "connect: $!"'`;
}

export function read(path: string): string {
  return `cat ${path} >/dev/null`;
}

/** Opens a file as one that may be written to, and writes nothing. */
export function openToWrite(path: string): string {
  return `: >>${path}`;
}

/** Makes a device of its own of `type:major:minor`, and reads of it. */
export function readDevice(target: string): string {
  return `node=$(mktemp -u); mknod "$node" ${target.replaceAll(':', ' ')} && dd if="$node" of=/dev/null bs=8192 count=1; status=$?; rm -f "$node"; exit $status`;
}

/** Makes a device as `readDevice`, mounts the file system on it to read, and finds `marker` in it. */
export function mountDevice(target: string): string {
  return `place=$(mktemp -d); mknod "$place.device" ${target.replaceAll(':', ' ')} && mount -o ro "$place.device" "$place" && cat "$place/marker"; status=$?; umount "$place" 2>/dev/null; rm -f "$place.device"; rmdir "$place"; exit $status`;
}

/** Makes a system call with arguments that mean nothing, and is refused for no want of rights. */
export function systemCall(call: string): string {
  // EPERM is 1. What may be called finds the arguments wrong, or does what does nothing.
  return `perl -e '$! = 0; syscall(${call}); die "not permitted" if $! == 1'`;
}

/** Finds a process by a word of its command line, written as a pattern that does not match these words themselves. */
export function findProcess(pattern: string): string {
  return `grep -lsaE '${pattern}' /proc/[0-9]*/cmdline | grep .`;
}

/** A pattern for `findProcess`. */
export function patternOf(word: string): string {
  return `[${word.slice(0, 1)}]${word.slice(1).replaceAll('.', '[.]')}`;
}

function split(target: string): readonly [string, string] {
  const colon = target.lastIndexOf(':');
  return [target.slice(0, colon), target.slice(colon + 1)];
}
