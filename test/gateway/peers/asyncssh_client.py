"""asyncssh as a client that knows one key exchange alone, and repeats it while bytes go both ways.

Arguments: port, private key, the key exchange, bytes after which it is repeated. Sends 4 MB through `cat` and prints, as JSON, how many
key exchanges were completed, and whether all of it came back.
"""

import asyncio
import json
import logging
import os
import sys

import asyncssh

LENGTH = 4_000_000


class Exchanges(logging.Handler):
    """Counts what asyncssh says in its log."""

    completed = 0

    def emit(self, record: logging.LogRecord) -> None:
        if "Completed key exchange" in record.getMessage():
            self.completed += 1


async def main(port: str, key: str, kex: str, rekey: str) -> None:
    exchanges = Exchanges()
    logging.getLogger("asyncssh").addHandler(exchanges)
    asyncssh.set_log_level(logging.DEBUG)
    asyncssh.set_debug_level(1)
    data = os.urandom(LENGTH)
    async with asyncssh.connect(
        "127.0.0.1", int(port), username="alice", client_keys=[key], known_hosts=None, config=None,
        agent_path=None, kex_algs=[kex], rekey_bytes=int(rekey),
    ) as connection:
        result = await connection.run("cat", input=data, encoding=None, check=True)
    print(json.dumps({"exchanges": exchanges.completed, "same": result.stdout == data}))


asyncio.run(asyncio.wait_for(main(*sys.argv[1:]), 60))
