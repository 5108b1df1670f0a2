"""What the fetcher is told; where users set it is `crawler/crawl_settings.py`."""

from dataclasses import dataclass


@dataclass(frozen=True)
class FetchSettings:
    """How images are fetched; times in seconds.

    `user_agent` names us and how to reach us. There are as many connections as there are fetches at once.
    """

    user_agent: str
    timeout_s: float = 60.0  # until the headers are there, and once more for the first of the body
    retries: int = 4
    retry_delay_s: float = 1.0
    max_image_bytes: int = 64_000_000
    least_bytes_per_s: int = 16_000  # of a long body on average: slower ones hold a connection for nothing
