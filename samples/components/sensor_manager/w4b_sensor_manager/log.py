"""Log lines on stderr, for people or for the journal."""

import logging
import os
import sys

# Syslog's severities, which the journal takes from the beginning of a line: sd-daemon(3).
_SEVERITIES = {logging.DEBUG: 7, logging.INFO: 6, logging.WARNING: 4, logging.ERROR: 3, logging.CRITICAL: 2}


class _JournalFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        # Each line is an entry of its own in the journal, so each needs the severity.
        prefix = f"<{_SEVERITIES.get(record.levelno, 6)}>"
        return "\n".join(prefix + line for line in super().format(record).splitlines())


def start(level: str) -> None:
    """Logs from `level` (debug, info, warning, error, critical) on. The journal has the time by itself."""
    handler = logging.StreamHandler(sys.stderr)
    if "JOURNAL_STREAM" in os.environ:
        handler.setFormatter(_JournalFormatter("%(message)s"))
    else:
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
