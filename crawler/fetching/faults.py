"""Why an image was not fetched, by what follows from it."""


class FetchFault(Exception):
    """Base of the three below; its text is stored with the photo."""


class Gone(FetchFault):
    """There is no image to have, now or later: removed, a placeholder in its place, or its owner opted out."""


class Unfit(FetchFault):
    """What came is nothing to keep, and asking again at once would bring the same."""


class Passing(FetchFault):
    """It may go better next time.

    `retry_after_s` is what the site asked for. `is_refusal`: the host, not this image, was the matter, and everybody
    is to go slower.
    """

    def __init__(self, reason: str, *, retry_after_s: float | None = None, is_refusal: bool = False) -> None:
        self.retry_after_s, self.is_refusal = retry_after_s, is_refusal
        super().__init__(reason)
