"""What the tests of the pool have done in other processes."""

import ctypes
import os
import signal
import sys
import threading
import time
from pathlib import Path


def add(a, b):
    return a + b


def pid():
    return os.getpid()


def blocked():
    return signal.pthread_sigmask(signal.SIG_BLOCK, ())


def fail(error):
    raise error


def exit_at_once():
    os._exit(3)


def leave():
    sys.exit(1)


def kill_itself():
    os.kill(os.getpid(), signal.SIGKILL)


def overflow():
    """Read from nowhere, as a broken decoder would."""
    ctypes.string_at(1)


def unpicklable():
    return threading.Lock()


def fail_unpicklably():
    raise ValueError(threading.Lock())


def chatter():
    print("progress", flush=True)
    os.write(1, b"\x05\0\0\0\0\0\0\0hello")
    return "said"


def count(n, progress):
    for number in range(n):
        progress(number / n)
        time.sleep(0.005)
    return n


def wait_for(path):
    while not Path(path).exists():
        time.sleep(0.01)
