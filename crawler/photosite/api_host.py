"""The host of the REST service: every call is counted, may meet a fault, and is answered."""

import asyncio
import re
from collections.abc import Mapping
from urllib.parse import unquote

from aiohttp import web

from crawler.photosite.chance import share
from crawler.photosite.criteria import ApiFault
from crawler.photosite.envelope import Envelope, wrap_answer, wrap_fault
from crawler.photosite.rest import answer
from crawler.photosite.state import TOO_MANY, SiteState, reset_connection

REST_PATH = "/services/rest/"

_OAUTH = re.compile(r'(oauth_\w+)="([^"]*)"')
_HEADERS = {"Cache-Control": "private", "X-Robots-Tag": "noindex"}
_CHANGING = ("oauth_nonce", "oauth_timestamp", "oauth_signature")  # of every signed call
_NOT_AVAILABLE = "Sorry, the Flickr API service is not currently available."
_FLAKES = {  # recorded or documented words
    "api_code_0": (0, _NOT_AVAILABLE),
    "api_code_10": (10, "Sorry, the Flickr search API is not currently available."),
    "api_code_105": (105, "Service currently unavailable"),
    "api_code_201": (201, _NOT_AVAILABLE),
}
_STATUSES = {"api_429": 429, "api_500": 500, "api_502": 502, "api_503": 503}


class ApiHost:
    """Answers calls of the REST service."""

    def __init__(self, state: SiteState) -> None:
        self.state = state

    async def call(self, request: web.Request) -> web.Response:
        """Answer a call; refusals are HTTP 200 too."""
        state, faults = self.state, self.state.faults
        params = await _params_of(request)
        is_within = state.enter_call(params.get("method", ""), params.get("api_key", ""))
        what = (_identity(params), state.time_of(_identity(params)))
        if faults.api_latency_s:
            await asyncio.sleep(faults.api_latency_s)
        if not is_within:
            return self._status(429, "limit")
        if state.happens("api_reset", *what):
            state.stats.api_refused["api_reset"] += 1
            return await reset_connection(request)
        for fault, status in _STATUSES.items():
            if state.happens(fault, *what):
                return self._status(status, fault)
        envelope = self._answer(params, request, what)
        if state.happens("api_cut", *what):
            state.stats.api_refused["api_cut"] += 1
            kept = 1 + int(share(faults.seed, "api_cut_at", *what) * (len(envelope.body) - 1))
            envelope = Envelope(envelope.body[:kept], envelope.content_type)
        return web.Response(
            text=envelope.body, content_type=envelope.content_type, charset="utf-8", headers=dict(_HEADERS)
        )

    def _answer(self, params: Mapping[str, str], request: web.Request, what: tuple[str, int]) -> Envelope:
        state = self.state
        base_url = state.image_url or f"{request.scheme}://{request.host}"
        try:
            for name, (code, words) in _FLAKES.items():
                if state.happens(name, *what):
                    raise ApiFault(code, words)
            return wrap_answer(answer(state.photos, params, base_url, state.faults), params)
        except ApiFault as fault:
            state.stats.api_refused[f"code {fault.code}"] += 1
            return wrap_fault(fault, params)

    def _status(self, status: int, why: str) -> web.Response:
        state = self.state
        state.stats.api_refused[why] += 1
        asks_to_wait = status in (429, 503)
        headers = state.retry_headers(state.faults.api_retry_after_s) if asks_to_wait else {}
        body = TOO_MANY if status == 429 else f"<html><body><h1>{status}</h1></body></html>"
        return web.Response(status=status, text=body, content_type="text/html", headers={**_HEADERS, **headers})


async def _params_of(request: web.Request) -> dict[str, str]:
    """Return the parameters of the query, the form, and (as recorded) of an OAuth header, whose key counts as one."""
    params = {name: unquote(value) for name, value in _OAUTH.findall(request.headers.get("Authorization", ""))}
    params.update(request.query.items())
    if request.method == "POST":
        form = await request.post()
        params.update({name: value for name, value in form.items() if isinstance(value, str)})
    if "oauth_consumer_key" in params:
        params.setdefault("api_key", params["oauth_consumer_key"])
    return params


def _identity(params: Mapping[str, str]) -> str:
    """Return what is asked for, whoever asks: faults repeat from run to run whatever the key."""
    return "&".join(f"{name}={value}" for name, value in sorted(params.items()) if name not in ("api_key", *_CHANGING))
