"""Run `s2f`, and kill the second of several processes after S2F_TEST_KILL_AFTER steps."""

import os
import signal
import sys

from s2f_cli.cli.app import main
from s2f_cli.training.players import Players

update = Players.update


def update_unless_killed(self, terms, totals, step):
    if os.environ["RANK"] == "1" and step - 1 == int(os.environ.get("S2F_TEST_KILL_AFTER", "-1")):
        os.kill(os.getpid(), signal.SIGKILL)
    update(self, terms, totals, step)


Players.update = update_unless_killed
sys.argv[0] = "s2f"
main()
