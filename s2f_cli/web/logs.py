"""Logs as JSON, one object a line, on stderr."""

import json
import logging
import os
import sys
from datetime import UTC, datetime

from s2f_cli.web.observing import REQUEST_ID


class JsonFormatter(logging.Formatter):
    """A record as JSON: time, level, message, process, the number of its request, and its own fields."""

    def format(self, record: logging.LogRecord) -> str:
        """Format a record as one line."""
        content = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
            "process": os.getpid(),
        }
        if number := REQUEST_ID.get():
            content["request_id"] = number
        content |= getattr(record, "fields", {})
        if record.exc_info:
            content["exception"] = self.formatException(record.exc_info)
        return json.dumps(content, ensure_ascii=False)


def log_as_json() -> None:
    """Write requests, and the errors of all libraries, to stderr as JSON."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(handlers=[handler], level=logging.ERROR, force=True)
    logging.getLogger("s2f").setLevel(logging.INFO)
