"""Send a signal to the process that has this folder on its PYTHONPATH, at the point named in FAULT.

FAULT is `module:function:call:seconds[:text]`. The process gets SIGKILL, or the signal in
FAULT_SIGNAL, that many seconds after the start of that call of the function. With a text, only
calls with the text in an argument count.

TRACE is a file. It gets a line of JSON for each opened file and each address that is looked up or
connected to.
"""

import importlib.util
import json
import os
import signal
import sys
import threading
from collections.abc import Sequence
from functools import reduce, wraps
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any


class _Fault(MetaPathFinder):
    def __init__(self, module: str, path: str, call: str, seconds: str, text: str = "") -> None:
        self.module = module
        self.path = path.split(".")
        self.left = int(call)
        self.seconds = float(seconds)
        self.text = text

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != self.module:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(fullname)
        assert spec
        assert spec.loader
        execute = spec.loader.exec_module

        def exec_module(module: ModuleType) -> None:
            execute(module)
            owner = reduce(getattr, self.path[:-1], module)
            setattr(owner, self.path[-1], self.around(getattr(owner, self.path[-1])))

        spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec

    def around(self, function: Any) -> Any:
        @wraps(function)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            if any(self.text in str(argument) for argument in args):
                self.left -= 1
                if self.left == 0 and self.seconds == 0:
                    kill()
                elif self.left == 0:
                    threading.Timer(self.seconds, kill).start()
            return function(*args, **kwargs)

        return wrapper


def kill() -> None:
    os.kill(os.getpid(), signal.Signals[os.environ.get("FAULT_SIGNAL", "SIGKILL")])


def trace(path: str) -> None:
    events = ("open", "socket.getaddrinfo", "socket.connect")
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)

    def hook(event: str, args: tuple[Any, ...]) -> None:
        if event in events:
            what = args[1] if event == "socket.connect" else args[0]
            os.write(descriptor, json.dumps([event, str(what)]).encode() + b"\n")

    sys.addaudithook(hook)


if "TRACE" in os.environ:
    trace(os.environ["TRACE"])
if "FAULT" in os.environ:
    sys.meta_path.insert(0, _Fault(*os.environ["FAULT"].split(":")))
