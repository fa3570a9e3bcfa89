"""Exit statuses beside 0, 1 and click's 2; docs/commands.md has the table of all."""

from __future__ import annotations

STOPPED = 130  # after Ctrl-C, as shells have it: 128 + SIGINT
NO_READER = 141  # 128 + SIGPIPE: whoever read the output went away
TERMINATED = 143  # 128 + SIGTERM
