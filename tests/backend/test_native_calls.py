"""What is handed to native operators, torch's defaults that mustn't reach it, and what they can't do being told."""

from __future__ import annotations

import subprocess
import sys
from contextlib import ExitStack, contextmanager

import pytest
import torch
from operators import implementations
from soat.soat_backend.ops import finish, native
from soat.soat_backend.ops.filters import fir_kernel
from soat.soat_backend.ops.native.binding import NativeError, OutOfMemory
from soat.soat_backend.support.errors import SoatError

needs_operators = pytest.mark.skipif(
    native.library() is None, reason=f"native operators need a C++ compiler: {native.status()}"
)
# More than a process can address, and still no overflow when it is counted in bytes.
IMPOSSIBLE = 1 << 48


@contextmanager
def default_dtype(dtype):
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        yield
    finally:
        torch.set_default_dtype(before)


@contextmanager
def default_device(device):
    torch.set_default_device(device)
    try:
        yield
    finally:
        torch.set_default_device(None)


DEFAULTS = {
    "float64": [lambda: default_dtype(torch.float64)],
    "bfloat16": [lambda: default_dtype(torch.bfloat16)],
    "device": [lambda: default_device("meta")],
    "with_device": [lambda: torch.device("meta")],
    "both": [lambda: default_dtype(torch.float64), lambda: default_device("meta")],
}


def run_cases(operator, who, dtype, with_gradients):
    """What an implementation makes of some cases, then their gradients."""
    names = operator.implementations[who].gradient_of if with_gradients else ()
    made = []
    for case in [*operator.cases.values()][::-5]:
        tensors = {name: each.clone().requires_grad_(name in names) for name, each in case.tensors.items()}
        made.append(operator.run(who, tensors, dtype, **case.options))
        if names:
            (made[-1].float() ** 2).sum().backward()
            made += [each.grad for name, each in tensors.items() if name in names]
    return made


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("with_gradients", [False, True])
@pytest.mark.parametrize(("operator", "who"), implementations())
@pytest.mark.parametrize("defaults", DEFAULTS.values(), ids=DEFAULTS)
def test_torchs_defaults_change_no_operator(defaults, operator, who, with_gradients, dtype):
    expected = run_cases(operator, who, dtype, with_gradients)
    fir_kernel.cache_clear()
    with ExitStack() as stack:
        for default in defaults:
            stack.enter_context(default())
        actual = run_cases(operator, who, dtype, with_gradients)
    for own, ordinary in zip(actual, expected, strict=True):
        assert own.dtype == ordinary.dtype and own.device.type == "cpu" and torch.equal(own, ordinary)


def finish_arguments(**other):
    given = {
        "y": torch.zeros(1, 3, 2, 2), "out": torch.zeros(1, 3, 2, 2), "batch": 1, "height": 2, "width": 2,
        "channels": 3, "scale": torch.ones(1, 3), "noise": None, "stride": 0,
        "bias": torch.zeros(3), "limit": 1.0,
    }  # fmt: skip
    return ("finish", torch.float32, *{**given, **other}.values())


@needs_operators
@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("scale", torch.ones(1, 3, dtype=torch.float64), "float32 on the CPU as its argument 7, got torch.float64"),
        ("bias", torch.ones(3, device="meta"), "argument 10, got torch.float32 on meta"),
        ("y", torch.ones(1, 3, 2, 2, dtype=torch.bfloat16), "argument 1, got torch.bfloat16 on cpu"),
        ("out", None, "argument 2, got None"),
        ("scale", 1.0, "argument 7, got 1.0"),
    ],
)  # fmt: skip
def test_what_an_operator_cant_read_is_refused(name, value, said):
    library = native.library()
    library.call(*finish_arguments())
    with pytest.raises(NativeError, match="The native operator finish expects") as caught:
        library.call(*finish_arguments(**{name: value}))
    assert said in str(caught.value) and "SOAT_NATIVE=0" in str(caught.value)


@needs_operators
@pytest.mark.parametrize("threads", [1, 3])
def test_memory_that_isnt_there_is_an_error(threads):
    """In the thread that calls, or in those it shares its work with; what is asked for is touched by none."""
    library = native.library()
    torch.set_num_threads(threads)
    with pytest.raises(OutOfMemory, match="native operator finish needs memory") as caught:
        library.call(*finish_arguments(channels=IMPOSSIBLE, height=64))
    assert isinstance(caught.value, SoatError) and isinstance(caught.value, MemoryError)
    assert caught.value.values == {"operator": "finish", "bytes": 4 * IMPOSSIBLE}
    assert f"{4 * IMPOSSIBLE / 2**20:.1f} MiB" in str(caught.value)
    y = torch.ones(1, 3, 2, 2)
    assert torch.equal(finish(y, torch.ones(1, 3), torch.zeros(3)), torch.full((1, 3, 2, 2), 2.0).sqrt())


LIMITED = """
import resource, torch
from soat.soat_backend.ops import native
from soat.soat_backend.ops.native.binding import OutOfMemory
torch.set_num_threads(2)
library = native.library()
side, channels = 32, 768
x = torch.randn(1, channels, side, side).contiguous(memory_format=torch.channels_last)
out, weights = torch.empty_like(x), torch.zeros(36, channels // 16, channels, 16)
style, scale, bias = torch.ones(1, channels), torch.ones(1, channels), torch.ones(channels)
axis = (side, -1, side + 2, 0)

def run():
    library.call("winograd", torch.float32, x, weights, out, 1, channels, channels, *axis, *axis, style, channels,
                 scale, None, 0, bias, 256.0)

torch.ones(1 << 20).sum()
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
before = resource.getrlimit(resource.RLIMIT_AS)
resource.setrlimit(resource.RLIMIT_AS, (used + (2 << 20), before[1]))
try:
    run()
except OutOfMemory as error:
    message = str(error)
else:
    message = "nothing"
resource.setrlimit(resource.RLIMIT_AS, before)
print(message)
run()
print(bool((out == 2.0 ** 0.5).all()))
"""


@needs_operators
@pytest.mark.skipif(sys.platform != "linux", reason="limits a process's memory as Linux does")
def test_a_process_short_of_memory_survives():
    done = subprocess.run([sys.executable, "-c", LIMITED], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    message, whole = done.stdout.splitlines()
    assert message.startswith("The native operator winograd needs memory to work in: ") and whole == "True"
    assert float(message.split(": ")[1].split(" MiB")[0]) > 10
