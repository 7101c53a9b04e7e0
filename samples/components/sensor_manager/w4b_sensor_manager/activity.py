"""Whether a thread still gets on."""

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Activity:
    """Waiting may last; a step of work (a sample of a sensor, a batch to the database) must end."""

    def __init__(self, what: str, limit: float = 60.0) -> None:
        self.what = what
        self._limit = limit
        self._since: float | None = None

    @contextmanager
    def step(self) -> Iterator[None]:
        self._since = time.monotonic()
        try:
            yield
        finally:
            self._since = None

    @property
    def hangs(self) -> bool:
        """Whether a step has lasted longer than the limit."""
        since = self._since
        return since is not None and time.monotonic() - since > self._limit
