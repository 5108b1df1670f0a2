"""A Chromium without a window, spoken to over its DevTools protocol: what it asks of whom, and what its page shows.

https://chromedevtools.github.io/devtools-protocol/
"""

import asyncio
import base64
import itertools
import json
import shutil
import subprocess
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

_FLAGS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--hide-scrollbars", "--remote-debugging-port=0"),
    *("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream", "--no-proxy-server"),
)
_PORT = "DevToolsActivePort"
_PATIENCE_S = 60.0  # a busy machine is slow


@dataclass
class Tab:
    """One page of the browser; `asked` are the addresses it asked for."""

    socket: aiohttp.ClientWebSocketResponse
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    _numbers: Any = field(default_factory=lambda: itertools.count(1))

    async def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Send one command and return its result; events on the way are noted."""
        number = next(self._numbers)
        await self.socket.send_json({"id": number, "method": method, "params": params})
        async with asyncio.timeout(_PATIENCE_S):
            while True:
                message = json.loads(await self.socket.receive_str())
                if message.get("id") == number:
                    if "error" in message:
                        raise RuntimeError(f"{method}: {message['error']['message']}")
                    return dict(message["result"])
                self._note(message)

    async def evaluate(self, script: str) -> Any:
        """Return the value of an expression in the page."""
        answer = await self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        return answer["result"].get("value")

    async def until(self, script: str) -> Any:
        """Return the value of an expression as soon as it is true."""
        end = time.monotonic() + _PATIENCE_S
        while time.monotonic() < end:
            if value := await self.evaluate(script):
                return value
            await asyncio.sleep(0.1)
        raise TimeoutError(script)

    async def click(self, selector: str) -> None:
        """Press the element as soon as it is there."""
        await self.until(f"(one => one && (one.click(), true))(document.querySelector({json.dumps(selector)}))")

    async def upload(self, selector: str, file: Path) -> None:
        """Choose a file as a user would in the dialog of an <input type=file>."""
        root = (await self.call("DOM.getDocument"))["root"]["nodeId"]
        node = (await self.call("DOM.querySelector", nodeId=root, selector=selector))["nodeId"]
        await self.call("DOM.setFileInputFiles", nodeId=node, files=[str(file)])

    async def window(self, width: int, height: int) -> None:
        """Be a window of this size."""
        await self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 500
        )

    async def screenshot(self, path: Path) -> None:
        """Write what the whole page looks like as PNG."""
        shot = await self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(shot["data"]))

    def _note(self, message: dict[str, Any]) -> None:
        params = message.get("params", {})
        if message.get("method") == "Network.requestWillBeSent":
            self.asked.append(params["request"]["url"])
        if message.get("method") == "Network.webSocketCreated":
            self.asked.append(params["url"])
        if message.get("method") == "Runtime.exceptionThrown":
            self.complaints.append(json.dumps(params["exceptionDetails"])[:300])


@asynccontextmanager
async def open_tab(profile: Path, *, camera: Path | None = None) -> AsyncIterator[Tab]:
    """Start Chromium with an empty profile and yield its page; it ends with the block.

    `camera` is a .y4m film that it takes for its camera.
    """
    assert CHROMIUM is not None
    profile.mkdir(parents=True, exist_ok=True)
    (profile / _PORT).unlink(missing_ok=True)
    seen = [f"--use-file-for-fake-video-capture={camera}"] if camera else []
    process = subprocess.Popen(
        [CHROMIUM, *_FLAGS, *seen, f"--user-data-dir={profile}", "about:blank"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        port = await _port(profile / _PORT, process)
        async with aiohttp.ClientSession() as session:
            async with session.get(f"http://127.0.0.1:{port}/json") as answer:
                pages = [one for one in await answer.json() if one["type"] == "page"]
            async with session.ws_connect(pages[0]["webSocketDebuggerUrl"], max_msg_size=0) as socket:
                tab = Tab(socket)
                for domain in ("Network", "Page", "DOM", "Runtime"):
                    await tab.call(f"{domain}.enable")
                yield tab
    finally:
        process.terminate()
        process.wait(30)


async def _port(file: Path, process: subprocess.Popen[bytes]) -> int:
    end = time.monotonic() + _PATIENCE_S
    while time.monotonic() < end and process.poll() is None:
        if file.is_file() and (lines := file.read_text().split()):
            return int(lines[0])
        await asyncio.sleep(0.1)
    raise TimeoutError("chromium does not answer")
