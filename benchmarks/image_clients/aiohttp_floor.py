"""The least that a client on aiohttp can do: get, hash, write, rename; no catalog, no pace, no retries, no checks."""

import asyncio
import hashlib
import os
import sys
from pathlib import Path

import aiohttp

AT_ONCE = 16


async def fetch_all(host: str, count: int, folder: Path) -> None:
    """Fetch every image."""
    numbers = iter(range(count))
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, auto_decompress=False, read_bufsize=1 << 20) as session:

        async def work() -> None:
            for number in numbers:
                async with session.get(f"{host}/{number}.jpg") as response:
                    content = await response.read()
                hashlib.sha256(content).hexdigest()
                place = folder / f"{number}.jpg"
                part = f"{place}.part"
                with open(part, "wb") as handle:  # noqa: PTH123  the floor
                    handle.write(content)
                os.replace(part, place)  # noqa: PTH105

        await asyncio.gather(*(work() for _ in range(AT_ONCE)))


if __name__ == "__main__":
    asyncio.run(fetch_all(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])))
