"""Opens every hostile file in a process that is watched, and prints what happened as JSON.

Watched are: execution and imports (through the interpreter's audit events), files opened for writing, time, memory
(the address space may grow by 1 GiB, and the peak is measured), and the type of every exception.
"""

import json
import os
import resource
import signal
import sys
import tempfile
import time
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).parent))

import hostile
from soat.soat_backend.checkpoints import convert_checkpoint, inspect_checkpoint, load_generator
from soat.soat_backend.support.errors import CheckpointError

GIB = 1 << 30
SECONDS_PER_FILE = 30
ACCEPTED = "was accepted"
FORBIDDEN = ("os.", "subprocess.", "socket.", "ctypes.", "shutil.", "pickle.find_class", "exec", "compile", "import")
HARMLESS = {"os.fspath", "os.listdir", "os.scandir"}
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class Watch:
    """Collects audit events while it is on."""

    def __init__(self):
        self.on = False
        self.events = []
        sys.addaudithook(self.notice)

    def notice(self, event, args):
        if not self.on:
            return
        if event == "open":
            if isinstance(args[2], int) and args[2] & WRITING:
                self.events.append(f"open for writing {args[0]!r}")
        elif event.startswith(FORBIDDEN) and event not in HARMLESS:
            self.events.append(f"{event} {str(args)[:100]}")


def peak() -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))


def address_space() -> int:
    return int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")


def stop(signum, frame):
    raise TimeoutError("too slow")


def attempt(read, path, watch):
    """What reading the file did, or an empty list if it was refused as it should be."""
    faults = []
    watch.events.clear()
    watch.on = True
    signal.alarm(SECONDS_PER_FILE)
    try:
        read(path)
        faults.append(ACCEPTED)
    except CheckpointError as error:
        message = str(error)
        if not message or len(message) > 800 or not message.isprintable():
            faults.append(f"unreadable message {message[:200]!r}")
        if "MemoryError" in message or "RecursionError" in message or "Timeout" in message:
            faults.append(message)
    except BaseException as error:
        faults.append(f"{type(error).__name__}: {str(error)[:200]}")
    finally:
        signal.alarm(0)
        watch.on = False
    return faults + watch.events


def main() -> None:
    torch.set_num_threads(1)
    signal.signal(signal.SIGALRM, stop)
    folder = Path(tempfile.mkdtemp())
    canary = Path(os.environ["SOAT_CANARY"])
    os.chdir(folder)
    watch = Watch()
    # Once for real, so that what torch imports late has been imported.
    for good in sorted(hostile.REFERENCE.glob("*.p[tk]*")):
        inspect_checkpoint(good)
    results, slowest = {}, ("", 0.0)
    for name, write in hostile.CORPUS.items():
        path = folder / "model.safetensors"
        write(path)
        limit = address_space() + GIB
        resource.setrlimit(resource.RLIMIT_AS, (limit, resource.RLIM_INFINITY))
        Path("/proc/self/clear_refs").write_text("5")
        before, start = peak(), time.monotonic()
        faults = attempt(load_generator, path, watch) + attempt(inspect_checkpoint, path, watch)
        if name.startswith(hostile.MAY_LOAD):
            faults = [fault for fault in faults if fault != ACCEPTED]
        seconds, grown = time.monotonic() - start, peak() - before
        resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        slowest = max(slowest, (name, seconds), key=lambda pair: pair[1])
        if grown > GIB:
            faults.append(f"took {grown} bytes")
        if path.is_dir():
            path.rmdir()
        elif path.exists() or path.is_symlink():
            path.unlink()
        faults += [f"left {left}" for left in os.listdir(folder)]
        if canary.exists():
            faults.append("EXECUTED")
            canary.unlink()
        if faults:
            results[name] = faults
    try:
        (folder / "bad.pkl").write_bytes(b"\x80\x04" + hostile.CALLS["reduce"] + b".")
        convert_checkpoint(folder / "bad.pkl", folder / "out.safetensors")
        results["convert"] = ["was accepted"]
    except CheckpointError:
        if os.listdir(folder) != ["bad.pkl"]:
            results["convert"] = ["left something"]
    print(json.dumps({"tried": len(hostile.CORPUS), "faults": results, "slowest": slowest}))


if __name__ == "__main__":
    main()
