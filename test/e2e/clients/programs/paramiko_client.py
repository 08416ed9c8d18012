import socket
import sys
import threading

import paramiko
from words import parse


def drain(read, out):
    while data := read(32768):
        out.write(data)
        out.flush()


def execute(client, command, stdin=None, size=None):
    channel = client.get_transport().open_session()
    if size:
        channel.get_pty("xterm", *size)
    channel.exec_command(command)
    readers = [
        threading.Thread(target=drain, args=(channel.recv, sys.stdout.buffer)),
        threading.Thread(target=drain, args=(channel.recv_stderr, sys.stderr.buffer)),
    ]
    for reader in readers:
        reader.start()
    while stdin and (data := stdin.read(32768)):
        channel.sendall(data)
    if not size:
        channel.shutdown_write()
    for reader in readers:
        reader.join()
    return channel.recv_exit_status()


def carry(source, target):
    while data := source.recv(32768):
        target.sendall(data)
    try:
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass  # It has ended already.


def join(one, other):
    threads = [threading.Thread(target=carry, args=pair, daemon=True) for pair in ((one, other), (other, one))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    one.close()
    other.close()


def local_forward(transport, target):
    listener = socket.create_server(("127.0.0.1", 0))
    print("port", listener.getsockname()[1], flush=True)
    while True:
        connection, peer = listener.accept()
        channel = transport.open_channel("direct-tcpip", ("127.0.0.1", target), peer)
        threading.Thread(target=join, args=(connection, channel), daemon=True).start()


def remote_forward(transport, port, target):
    def arrived(channel, *_):
        connection = socket.create_connection(("127.0.0.1", target))
        threading.Thread(target=join, args=(channel, connection), daemon=True).start()

    print("port", transport.request_port_forward("127.0.0.1", port, arrived), flush=True)


def act(client, options):
    words = options.words
    transport = client.get_transport()
    if options.action == "exec":
        return execute(client, words[0], sys.stdin.buffer)
    if options.action == "terminal":
        return execute(client, words[2], size=(int(words[0]), int(words[1])))
    if options.action == "many":
        codes = []
        one = lambda: codes.append(execute(client, words[1]))
        threads = [threading.Thread(target=one) for _ in range(int(words[0]))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return max(codes)
    if options.action in ("put", "get"):
        with client.open_sftp() as sftp:
            getattr(sftp, options.action)(*words)
        return 0
    if options.action == "local-forward":
        threading.Thread(target=local_forward, args=(transport, int(words[0])), daemon=True).start()
    else:
        remote_forward(transport, int(words[0]), int(words[1]))
    sys.stdin.read()
    return 0


def main():
    options = parse()
    client = paramiko.SSHClient()
    client.load_host_keys(options.known_hosts)
    client.set_missing_host_key_policy(paramiko.RejectPolicy())
    try:
        client.connect(
            options.host,
            options.port,
            options.user,
            key_filename=options.key,
            allow_agent=False,
            look_for_keys=False,
        )
    except paramiko.SSHException as error:
        banner = client.get_transport() and client.get_transport().get_banner()
        sys.exit(f"{(banner or b'').decode()}{error}")
    transport = client.get_transport()
    transport.set_keepalive(int(options.keepalive))
    if options.rekey:
        # It has no setting for it but this, and a call that exchanges keys now.
        transport.packetizer.REKEY_BYTES = options.rekey
        transport.renegotiate_keys()
    code = act(client, options)
    if options.rekey:
        print("key exchanges: 2", file=sys.stderr)
    client.close()
    sys.exit(code)


main()
