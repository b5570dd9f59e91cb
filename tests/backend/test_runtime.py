"""How calculations run: exact whoever calls, differentiable without changing what was given."""

import threading

import pytest
import torch
from soat.soat_backend.support.runtime import differentiable, exact
from soat.soat_backend.synthesis.cost import kernel_bytes, running_bytes

CUDA = torch.device("cuda")  # Its switches can be turned without one.


def tf32():
    return torch.backends.cudnn.conv.fp32_precision, torch.backends.cuda.matmul.fp32_precision


@pytest.fixture
def callers_choice():
    """Somebody who wants TF32 everywhere."""
    before = torch.backends.cudnn.allow_tf32, torch.backends.cuda.matmul.allow_tf32
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = True
    yield ("tf32", "tf32")
    torch.backends.cudnn.allow_tf32, torch.backends.cuda.matmul.allow_tf32 = before


def test_tf32_is_off_inside_and_as_it_was_after(callers_choice):
    with exact(CUDA):
        assert tf32() == ("ieee", "ieee")
        with exact(CUDA):
            assert tf32() == ("ieee", "ieee")
        assert tf32() == ("ieee", "ieee")
    assert tf32() == callers_choice
    with exact(CUDA, allow_tf32=True):
        assert tf32() == ("tf32", "tf32")
    with pytest.raises(KeyError), exact(CUDA):
        raise KeyError
    assert tf32() == callers_choice


def test_two_threads_leave_tf32_as_it_was(callers_choice):
    entered, left = threading.Event(), threading.Event()

    def other():
        with exact(CUDA):
            entered.set()
            left.wait(10)

    thread = threading.Thread(target=other)
    with exact(CUDA):
        thread.start()
        entered.wait(10)
    assert tf32() == ("ieee", "ieee")
    left.set()
    thread.join()
    assert tf32() == callers_choice


def test_a_callers_autocast_changes_no_bit(node, make_generator):
    def picture():
        generator = make_generator()
        latent = node("SampleLatent", generator=generator, seed=4, batch_size=2)
        features = node("GetFeatures", generator=generator, latent=latent, layer="b8.conv1")
        return node("Render", features=features)

    expected = picture()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert torch.equal(picture(), expected)


@pytest.mark.parametrize("inference_mode", [False, True])
def test_a_differentiable_copy_changes_nothing_of_what_it_copies(make_generator, inference_mode):
    with torch.inference_mode(inference_mode):
        generator = make_generator()
        if inference_mode:
            generator._apply(lambda weight: weight.clone())
    weight = generator.get_parameter("synthesis.b8.conv0.weight")
    generator.requires_grad_(not inference_mode)
    copy = differentiable(generator)
    copied = copy.get_parameter("synthesis.b8.conv0.weight")
    assert not copied.requires_grad and weight.requires_grad is not inference_mode
    assert not copied.is_inference() and torch.equal(copied, weight)
    assert (copied.data_ptr() == weight.data_ptr()) is not inference_mode
    own = differentiable(generator, copy_weights=True)
    for (name, theirs), mine in zip(generator.state_dict().items(), own.state_dict().values(), strict=True):
        assert torch.equal(theirs, mine) and theirs.data_ptr() != mine.data_ptr(), name


def test_weights_made_in_inference_mode_stay_no_good_for_gradients_when_they_move(make_generator):
    with torch.inference_mode():
        generator = make_generator()
    generator._apply(lambda weight: weight.clone())  # Outside of it, as they are moved to a device.
    expected = generator.module(generator.layers[0]).affine(torch.ones(1, 24))
    copy = differentiable(generator)
    w = torch.ones(1, 24, requires_grad=True)
    found = copy.module(copy.layers[0]).affine(w)
    found.sum().backward()
    assert torch.equal(found, expected) and w.grad.abs().sum() > 0
    assert generator.synthesis.b8.conv1.kernels() is generator.synthesis.b8.conv1.kernels()


def test_a_copy_shares_the_prepared_kernels_until_its_weights_are_others(make_generator):
    generator = make_generator()
    layer = generator.synthesis.b8.conv1
    kernels = layer.kernels()
    shared = differentiable(generator).synthesis.b8.conv1
    assert shared.kernels() is kernels
    own = differentiable(generator, copy_weights=True).synthesis.b8.conv1
    assert own.kernels() is not kernels
    assert torch.equal(own.kernels().power, kernels.power)
    assert layer.kernels() is kernels


def test_a_move_that_moves_nothing_keeps_the_prepared_kernels(make_generator):
    layer = make_generator().synthesis.b8.conv1
    kernels = layer.kernels()
    layer.to("cpu")
    assert layer.kernels() is kernels
    layer._apply(lambda weight: weight.clone())
    assert layer._kept is None
    power = layer.kernels().power
    with torch.no_grad():
        layer.weight.mul_(2.0)
    assert torch.equal(layer.kernels().power, 4.0 * power)


def test_memory_to_ask_for_grows_with_batch_area_and_layer(make_generator):
    generator = make_generator()
    whole = running_bytes(generator, 1)
    # The largest map is the last one's.
    assert whole == 4 * 4 * generator.config.channels[32] * 32**2
    assert running_bytes(generator, 6) == 6 * whole
    early = running_bytes(generator, 1, generator.layers.find("b8.conv1"))
    assert early == 4 * 4 * generator.config.channels[8] * 8**2
    numbers = sum(generator.module(layer).weight.numel() for layer in generator.layers.with_features)
    assert kernel_bytes(generator, "cuda") == 4 * numbers
    generator.dtype = torch.bfloat16
    assert kernel_bytes(generator, "cuda") == 2 * numbers
