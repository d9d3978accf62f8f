"""The child process that runs one model on this machine: `python -m bot.backends.worker --fd N`.

The parent speaks frames (`bot/backends/frames.py`) over the socket pair whose end the child inherits as N:

- first `load`, answered by any number of `progress` and then `ready`, or by `error` and the end;
- or `download`, which fetches weights from the hub, answered by `progress` and `downloaded`, and the end;
- then `generate` (`begun`, any number of `chunk`, `done`), `embed` (`vectors`), `cancel`, `ping` (`pong`) and `stop`.

Nothing outside this package imports torch or transformers, and importing this package alone does not either.
"""
