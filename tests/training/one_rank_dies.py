"""`s2f`, but the second of several processes is killed at the step that S2F_TEST_DIES names."""

import os
import signal
import sys

from s2f_cli.cli.app import main
from s2f_cli.training.loop import Training

play = Training._play


def playing(self, *arguments):
    if os.environ["RANK"] == "1" and self.step == int(os.environ.get("S2F_TEST_DIES", "-1")):
        os.kill(os.getpid(), signal.SIGKILL)
    return play(self, *arguments)


Training._play = playing
sys.argv[0] = "s2f"
main()
