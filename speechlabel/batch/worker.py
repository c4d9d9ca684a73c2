"""The child process of ``local.LocalPool``: calls come by standard input, results go by standard output.

Run as ``python -m speechlabel.batch.worker``, not by ``multiprocessing``: that would import the program's
main module again in each child (the whole server, for ``python app.py``).  A decoder that crashes or is
killed takes this process with it and nothing else.
"""

from __future__ import annotations

import os
import pickle
import signal
import struct
import sys
from functools import partial
from typing import Any, BinaryIO

__all__ = ["receive", "send"]

LENGTH = struct.Struct("<Q")


def send(stream: BinaryIO, message: Any) -> None:  # noqa: ANN401 - anything that pickles
    """Write one length-prefixed pickle."""
    data = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    stream.write(LENGTH.pack(len(data)))
    stream.write(data)
    stream.flush()


def receive(stream: BinaryIO) -> Any:  # noqa: ANN401
    """Read one message.

    Raises
    ------
    EOFError
        The other side is gone.
    """
    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        raise EOFError
    (length,) = LENGTH.unpack(head)
    data = stream.read(length)
    if len(data) < length:
        raise EOFError
    return pickle.loads(data)  # both ends are our own processes


def _tell(replies: BinaryIO, ratio: float) -> None:
    try:
        send(replies, ("progress", ratio))
    except BrokenPipeError:
        os._exit(0)  # the pool is gone; flushing at exit would complain about the pipe once more


def main() -> None:
    """Serve calls until standard input closes."""
    # Ctrl+C and a stop of the service reach every process of the group; when this one ends is for the pool
    # to say, or its work would look like a crash.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    # What a library prints must not get between the messages: they keep the real standard output.
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    calls = sys.stdin.buffer
    while True:
        try:
            function, args, kwargs, tells = receive(calls)
        except EOFError:
            return
        if tells:
            kwargs["progress"] = partial(_tell, replies)
        try:
            answer = ("done", function(*args, **kwargs))
        except Exception as error:  # every error goes home to the caller
            answer = ("failed", error)
        try:
            send(replies, answer)
        except BrokenPipeError:
            os._exit(0)  # as above
        except Exception as error:  # what does not pickle is sent as words
            send(replies, ("failed", RuntimeError(f"{answer[1]!r} cannot be sent home: {error}")))


if __name__ == "__main__":
    main()
