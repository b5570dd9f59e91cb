"""What is handed to native operators, torch's defaults that mustn't reach it, and what they can't do being told."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from contextlib import ExitStack, contextmanager

import pytest
import torch
from soat.soat_backend.geometry.canvas import Canvas
from soat.soat_backend.ops import (
    Kernels,
    convolve,
    convolve_doubled,
    convolve_in_phases,
    demodulation,
    finish,
    native,
    scaled_window,
    to_rgb,
    upsample_rgb,
    whole_layer,
    winograd_layer,
    winograd_phases,
)
from soat.soat_backend.ops.finish import blur, fir_kernel
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


def inputs(batch=2, channels=24, side=24, out=20):
    rng = torch.Generator().manual_seed(0)

    def randn(*shape):
        return torch.randn(*shape, generator=rng)

    return {
        "x": randn(batch, channels, side, side),
        "style": (randn(batch, channels) + 1) / 16,
        "weight": randn(out, channels, 3, 3),
        "bias": randn(out),
        "noise": randn(1, 1, side, side),
        "doubled_noise": randn(batch, 1, 2 * side, 2 * side),
        "rgb_weight": randn(3, channels, 1, 1),
        "rgb_bias": randn(3),
        "rgb": randn(batch, 3, side, side),
    }


def run_everything(parts, dtype, with_gradients):
    """Each operator's results, then the gradients of them all."""
    parts = {name: part.clone() for name, part in parts.items()}
    if with_gradients:
        parts = {name: part.requires_grad_(name != "weight") for name, part in parts.items()}
    x, style = parts["x"].to(dtype), parts["style"]
    bias, noise, doubled_noise = parts["bias"], parts["noise"], parts["doubled_noise"]
    canvas = Canvas(*x.shape[2:])
    kernels, fresh = Kernels(parts["weight"]), Kernels(parts["weight"])
    scale = demodulation(style, kernels.power)
    patch = scaled_window(x, canvas, canvas.window, style, halo=1)
    phases = convolve_in_phases(patch, kernels)
    made = [
        patch,
        *phases,
        finish(tuple(phase.clone() for phase in phases), scale, bias, doubled_noise, 0.7, doubled=True),
        finish(convolve_doubled(patch, kernels), scale, bias, doubled_noise, None, doubled=True),
        finish(convolve(patch, kernels), scale, bias, noise, 0.7),
        blur(patch),
        to_rgb(x, parts["rgb_weight"], style, parts["rgb_bias"], 2.0),
        upsample_rgb(parts["rgb"]),
    ]
    if native.library() and not with_gradients:
        own = (x, canvas, canvas.window)
        made.append(winograd_layer(*own, fresh.winograd, style, scale, bias, noise, 0.7))
        made += winograd_phases(*own, fresh.winograd_doubling, len(bias), style)
    if native.library() and with_gradients:
        made.append(whole_layer(x, style, scale, bias, noise, fresh, 0.7, False))
        made.append(whole_layer(x, style, scale, bias, doubled_noise, fresh, 0.7, True))
    if not with_gradients:
        return made
    sum((each.float() ** 2).sum() for each in made).backward()
    return [*made, *(part.grad for name, part in parts.items() if name != "weight")]


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("with_gradients", [False, True])
@pytest.mark.parametrize("operators", ["native", "reference"])
@pytest.mark.parametrize("defaults", DEFAULTS.values(), ids=DEFAULTS)
def test_torchs_defaults_change_no_operator(defaults, operators, with_gradients, dtype, monkeypatch):
    if operators == "reference":
        monkeypatch.setattr(native, "library", lambda: None)
    elif native.library() is None:
        pytest.skip(f"native operators need a C++ compiler: {native.status()}")
    parts = inputs()
    expected = run_everything(parts, dtype, with_gradients)
    fir_kernel.cache_clear()
    with ExitStack() as stack:
        for default in defaults:
            stack.enter_context(default())
        actual = run_everything(parts, dtype, with_gradients)
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


def test_the_blurs_filter_is_made_once_and_fits_any_calculation():
    fir_kernel.cache_clear()
    with torch.inference_mode():
        first = fir_kernel(torch.device("cpu"), torch.float32)
    assert fir_kernel(torch.device("cpu"), torch.float32) is first and not first.is_inference()
    taps = torch.tensor([1.0, 3.0, 3.0, 1.0])
    assert torch.equal(first, torch.outer(taps, taps) / 16)
    for dtype in (torch.float16, torch.bfloat16, torch.float64):
        assert torch.equal(fir_kernel(torch.device("cpu"), dtype), first.to(dtype))
    assert fir_kernel(torch.device("meta"), torch.float32).device.type == "meta"
    x = torch.ones(1, 2, 5, 5, requires_grad=True)
    blur(x).sum().backward()
    assert x.grad.sum() == 2 * 4 * 4


@pytest.mark.parametrize("copied", [copy.copy, lambda kernels: pickle.loads(pickle.dumps(kernels))])
def test_a_copy_of_kernels_is_of_the_weight_alone(copied):
    kernels = Kernels(torch.randn(16, 8, 3, 3, generator=torch.Generator().manual_seed(0)))
    forms = kernels.power, kernels.winograd, kernels.winograd_doubling, kernels.whole(torch.bfloat16)
    kernels.phases(torch.float32)
    other = copied(kernels)
    assert set(vars(other)) == set(vars(Kernels(torch.ones(1, 1, 3, 3)))) and other.out_channels == 16
    again = other.power, other.winograd, other.winograd_doubling, other.whole(torch.bfloat16)
    for own, form in zip(again, forms, strict=True):
        assert own is not form and torch.equal(own, form)


def test_kernels_of_a_deep_copy_are_shared():
    """They are several times the weights; whose they no longer are, the layer that holds them sees."""
    kernels = Kernels(torch.ones(16, 8, 3, 3))
    assert copy.deepcopy({"held": kernels})["held"] is kernels


def test_kernels_ask_no_device_for_float64():
    """As devices that have none are used: all that is made on one, whatever the weight's type, is float32 there."""
    from torch.utils._python_dispatch import TorchDispatchMode

    class Seen(TorchDispatchMode):
        def __torch_dispatch__(self, func, types, args=(), kwargs=None):
            result = func(*args, **(kwargs or {}))
            for each in torch.utils._pytree.tree_leaves(result):
                if isinstance(each, torch.Tensor) and each.device.type != "cpu":
                    assert each.dtype != torch.float64, func
            return result

    kernels = Kernels(torch.ones(20, 6, 3, 3, device="meta", dtype=torch.float16))
    with Seen():
        made = kernels.power, kernels.winograd, kernels.winograd_transposed, kernels.winograd_doubling
        blur(torch.ones(1, 2, 5, 5, device="meta"))
    assert all(each.device.type == "meta" and each.dtype == torch.float32 for each in made)
