"""asyncssh as a server that knows one key exchange alone, lets everybody in and answers each command with it in upper case.

Arguments: a host key, the key exchange. Prints its port; ends with its standard input.
"""

import asyncio
import sys

import asyncssh


class Open(asyncssh.SSHServer):
    def begin_auth(self, username: str) -> bool:
        return False


async def answer(process: asyncssh.SSHServerProcess) -> None:
    process.stdout.write((process.command or "").upper())
    process.exit(0)


async def main(host_key: str, kex: str) -> None:
    server = await asyncssh.listen(
        "127.0.0.1", 0, server_host_keys=[host_key], server_factory=Open, process_factory=answer, kex_algs=[kex],
        config=None,
    )
    print(server.get_port(), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    server.close()


asyncio.run(main(*sys.argv[1:]))
