"""`scrapy crawl flickr_names -a names=FILE`: each name searched at Flickr, each photo stored and fetched.

The spider holds no state that matters: it takes the next query or photo from the frontier, asks, and gives the
answer back. One search is on its way at a time, so pages are stored in order; images are fetched beside it.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Self
from urllib.parse import urlencode

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.retry import get_retry_request
from scrapy.exceptions import CloseSpider
from scrapy.http import Response
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from agegap.errors import AgegapError, DataFailed, WrongUse
from agegap.files import remove_parts
from crawler.frontier import Frontier
from crawler.image_requests import ImageRequests
from crawler.images import PHOTOS_FOLDER
from crawler.keys import NEEDS_KEY
from crawler.pages import page_rows
from crawler.plan import API_SLOT, CrawlPlan, make_plan, scrapy_settings
from crawler.retrying import wait_s
from crawler.sites import flickr
from crawler.sites.flickr_answer import read_search
from crawler.sites.found import FoundPage, SiteFault
from crawler.tally import Tally, end_progress, show_progress
from db.frontier import OpenQuery, WantedQuery
from db.image_frontier import PhotoOutcome

_FLUSH_EVERY_S = 0.25  # outcomes of images lost by a kill are those of this time; they are fetched again
_REFUSED_STATUSES = (401, 403)  # Flickr answers 401 with `oauth_problem=...` to a key it does not take
_FAILURES_IN_A_ROW = 3  # searches, after their retries: then the site is down, and the other names can wait


class FlickrNames(Spider):
    """Searches names at Flickr (or a site that answers like it) and fetches the photos."""

    name = "flickr_names"

    def __init__(self, plan: CrawlPlan) -> None:
        super().__init__()
        self.plan = plan
        self.tally = Tally(flickr.SITE)
        self.failure: AgegapError | None = None
        wanted = [WantedQuery(name.name, name.display_name, name.phrase) for name in plan.names]
        self._frontier = Frontier(plan.catalog, site=flickr.SITE, wanted=wanted)
        self._images = ImageRequests(
            plan.data, is_placeholder=flickr.is_placeholder, settle=self._settle, stop=self._stop
        )
        self._is_searching = False
        self._failures_in_a_row = 0
        self._has_answered = False
        self._news = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    plan_crawl = staticmethod(make_plan)
    """Checks the spider's arguments; the crawl command calls it before Scrapy starts."""

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, plan: CrawlPlan | None = None, **kwargs: str) -> Self:
        """Make the spider and set Scrapy up for its plan; what was typed with `-s` goes before."""
        plan = plan or make_plan(kwargs)
        for name, value in scrapy_settings(plan).items():
            crawler.settings.set(name, value, priority="spider")
        return super().from_crawler(crawler, plan)

    async def start(self) -> AsyncIterator[Any]:
        """Yield a request whenever there is room for one, until all is asked and fetched."""
        await self._open()
        while (request := await self._next_request()) is not None:
            yield request
        if self.failure is not None:
            raise CloseSpider("failed")

    async def closed(self, reason: str) -> None:
        """Write what is still to be written, and let threads and catalog go."""
        for task in self._tasks:
            task.cancel()
        try:
            self._images.close()
            await self._frontier.flush()
            self.tally.after = await self._frontier.counts()
        except AgegapError as fault:
            self._stop(fault)
        self._frontier.close()
        end_progress(self.tally)

    async def _open(self) -> None:
        try:
            photos = self.plan.data / PHOTOS_FOLDER
            await asyncio.get_running_loop().run_in_executor(None, remove_parts, photos)
            self.tally.before = await self._frontier.open(max_attempts=self.plan.settings.max_attempts)
        except (AgegapError, OSError) as fault:
            self._stop(fault)
            raise CloseSpider("failed") from None
        if not self.plan.is_local and not self.plan.settings.contact:
            self.logger.warning("no contact is set: give -a contact=URL so that the site's operators can reach you")
        self._tasks = [asyncio.create_task(show_progress(self.tally)), asyncio.create_task(self._keep_flushing())]

    async def _next_request(self) -> Request | None:
        while self.failure is None:
            self._news.clear()
            if not self._is_searching and (query := self._frontier.next_query()) is not None:
                self._is_searching = True
                return self._search(query)
            if self._images.in_flight < 2 * self.plan.settings.image_concurrency:
                try:
                    photo = await self._frontier.next_photo()
                except AgegapError as fault:
                    self._stop(fault)
                    break
                if photo is not None:
                    return self._images.request(photo)
            if not self._is_searching and not self._images.in_flight and not self._news.is_set():
                return None
            await self._news.wait()
        return None

    # -- searches ---------------------------------------------------------------------------------------------

    def _search(self, query: OpenQuery) -> Request:
        settings = self.plan.settings
        parameters = flickr.search_parameters(query.text, page=query.next_page, per_page=settings.per_page)
        return Request(
            self.plan.api,
            method="POST",
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            body=urlencode(parameters),
            callback=self._read_answer,
            errback=self._explain_failure,
            cb_kwargs={"query": query},
            meta={
                "download_slot": API_SLOT,
                NEEDS_KEY: (flickr.KEY_VARIABLE, flickr.KEY_PARAMETER),
                "dont_redirect": True,  # the key goes to the address that was typed and to no other
                "dont_obey_robotstxt": True,  # an API is governed by its terms
            },
            priority=1,
            dont_filter=True,
        )

    async def _read_answer(self, response: Response, query: OpenQuery) -> AsyncIterator[Request]:
        settings = self.plan.settings
        is_retried = False
        try:
            answer = read_search(
                response.body,
                page=query.next_page,
                per_page=settings.per_page,
                licences=settings.licence_ids,
                sizes=settings.size_letters,
            )
            if isinstance(answer, FoundPage):
                await self._store(query, answer)
                return
            if answer.kind == "transient" and (again := self._again(response, answer)) is not None:
                is_retried = True
                await asyncio.sleep(wait_s(again.meta["retry_times"], settings.retry_delay_s))
                yield again
                return
            await self._give_up(query, answer)
        except AgegapError as fault:
            self._stop(fault)
        finally:
            if not is_retried:
                self._end_search()

    async def _explain_failure(self, failure: Failure) -> None:
        query: OpenQuery = failure.request.cb_kwargs["query"]  # type: ignore[attr-defined]  # Scrapy adds it
        try:
            await self._give_up(query, fault_of_failure(failure.value))
        except AgegapError as problem:
            self._stop(problem)
        finally:
            self._end_search()

    def _again(self, response: Response, fault: SiteFault) -> Request | None:
        assert response.request is not None
        return get_retry_request(response.request, spider=self, reason=f"api fault {fault.code}")

    async def _store(self, query: OpenQuery, page: FoundPage) -> None:
        new = await self._frontier.store_page(query, page_rows(page, query.name))
        self._failures_in_a_row, self._has_answered = 0, True
        self.tally.photos_new += new or 0
        self.tally.refused.update({str(reason): count for reason, count in page.refused.items()})
        self.tally.names_done += page.is_last

    async def _give_up(self, query: OpenQuery, fault: SiteFault) -> None:
        if fault.kind == "fatal":
            raise WrongUse(
                f"{flickr.SITE} refused the call: {fault}; check {flickr.KEY_VARIABLE} and the address of the API"
            )
        await self._frontier.fail_query(query, str(fault))
        self.tally.names_failed += 1
        if fault.kind == "permanent":
            self._has_answered = True
            return
        self._failures_in_a_row += 1
        if not self._has_answered or self._failures_in_a_row >= _FAILURES_IN_A_ROW:
            raise DataFailed(f"{self.plan.api}: {fault}; check the address, and run the same command again to go on")

    def _end_search(self) -> None:
        self._is_searching = False
        self._news.set()

    # -- images and the end -----------------------------------------------------------------------------------

    def _settle(self, outcome: PhotoOutcome | None) -> None:
        if outcome is not None:
            self._frontier.settle(outcome)
            self.tally.images[outcome.state] += 1
            self.tally.bytes_kept += outcome.byte_count or 0
        self._news.set()

    async def _keep_flushing(self) -> None:
        while True:
            await asyncio.sleep(_FLUSH_EVERY_S)
            try:
                await self._frontier.flush()
            except AgegapError as fault:
                self._stop(fault)
                return

    def _stop(self, fault: Exception) -> None:
        """Stop the crawl for a reason the user must hear; requests on their way may still end."""
        if isinstance(fault, OSError):
            place = fault.filename or self.plan.data
            fault = DataFailed(
                f"{place}: {fault.strerror or fault}; make room, and run the same command again to go on"
            )
        if self.failure is None and isinstance(fault, AgegapError):
            self.failure = fault
        self._news.set()


def fault_of_failure(failure: object) -> SiteFault:
    """Return what a search that brought no answer to read means."""
    if not isinstance(failure, HttpError):
        return SiteFault("transient", f"no answer ({type(failure).__name__})")
    status = failure.response.status
    return SiteFault("fatal" if status in _REFUSED_STATUSES else "transient", f"HTTP {status}")
