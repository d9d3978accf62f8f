"""`python -m bot.backends.worker --fd N`: N is this process's end of a socket pair."""

import argparse
import contextlib
import ctypes
import os
import signal
import socket
import sys

from bot.backends.frames import BlockingFrames
from bot.backends.worker.serving import Serving

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Serve the parent at the other end."""
    parser = argparse.ArgumentParser(prog="bot.backends.worker", description="Run one model for the bot.")
    parser.add_argument("--fd", type=int, required=True, help="this process's end of a socket pair")
    connection = socket.socket(fileno=parser.parse_args().fd)
    _die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # progress bars of libraries would only fill the log
    os.environ["TQDM_DISABLE"] = "1"
    Serving(BlockingFrames(connection)).run()


def _die_with_parent() -> None:
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


if __name__ == "__main__":
    main()
