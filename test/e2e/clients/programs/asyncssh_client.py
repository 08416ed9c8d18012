import asyncio
import logging
import sys

import asyncssh
from words import parse


class Client(asyncssh.SSHClient):
    def auth_banner_received(self, msg, lang):
        sys.stderr.write(msg)


class CountExchanges(logging.Handler):
    exchanges = 0

    def emit(self, record):
        self.exchanges += record.getMessage().endswith("Completed key exchange")


async def execute(connection, command, stdin):
    result = await connection.run(command, encoding=None, input=stdin)
    sys.stdout.buffer.write(result.stdout)
    sys.stderr.buffer.write(result.stderr)
    return result.exit_status


async def act(connection, options):
    words = options.words
    if options.action == "exec":
        return await execute(connection, words[0], sys.stdin.buffer.read())
    if options.action == "many":
        codes = [execute(connection, words[1], b"") for _ in range(int(words[0]))]
        return max(await asyncio.gather(*codes))
    if options.action == "terminal":
        size = (int(words[0]), int(words[1]))
        result = await connection.run(words[2], term_type="xterm", term_size=size)
        sys.stdout.write(result.stdout)
        return result.exit_status
    if options.action in ("put", "get"):
        async with connection.start_sftp_client() as sftp:
            await getattr(sftp, options.action)(*words)
        return 0
    if options.action == "local-forward":
        forward = await connection.forward_local_port("127.0.0.1", 0, "127.0.0.1", int(words[0]))
    else:
        forward = await connection.forward_remote_port("127.0.0.1", int(words[0]), "127.0.0.1", int(words[1]))
    print("port", forward.get_port(), flush=True)
    await asyncio.to_thread(sys.stdin.read)
    return 0


async def main():
    options = parse()
    counter = CountExchanges()
    more = {}
    if options.rekey:
        asyncssh.set_log_level(logging.DEBUG)
        asyncssh.set_debug_level(2)
        logging.getLogger("asyncssh").addHandler(counter)
        more["rekey_bytes"] = options.rekey
    async with asyncssh.connect(
        options.host,
        options.port,
        username=options.user,
        client_keys=[options.key],
        known_hosts=options.known_hosts,
        agent_path=None,
        config=None,
        client_factory=Client,
        keepalive_interval=options.keepalive,
        keepalive_count_max=20,
        **more,
    ) as connection:
        code = await act(connection, options)
    if options.rekey:
        print("key exchanges:", counter.exchanges, file=sys.stderr)
    sys.exit(code)


try:
    asyncio.run(main())
except asyncssh.Error as error:
    sys.exit(str(error))
