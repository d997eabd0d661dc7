import pytest
import torch
import vector_quantize_pytorch as vector_quantize

from backend.tokenizers import presets
from backend.tokenizers.fsq import FSQ
from common.errors import InputError

SMALL = [name for name in presets.LEVELS if presets.bottleneck(name).size < 1_000_000]


def test_all_published_sizes_are_small_enough_to_count():
    assert set(presets.LEVELS) - set(SMALL) == {f"IsoDiM_Tokenizer_HighDim{dims}" for dims in (12, 16, 24, 32)}


@pytest.mark.parametrize("name", SMALL)
def test_every_code_survives_the_round_trip(name):
    fsq = presets.bottleneck(name)
    indices = torch.stack(torch.unravel_index(torch.arange(fsq.size), fsq.levels), dim=-1)
    latents = fsq.from_indices(indices)
    assert torch.equal(fsq.to_indices(latents), indices)
    assert torch.equal(fsq.snap(latents), latents)


@pytest.mark.parametrize("name", sorted(set(presets.LEVELS) - set(SMALL)))
def test_codes_of_many_dims_survive_without_being_counted(name):
    fsq = presets.bottleneck(name)
    indices = torch.randint(5, (100, fsq.dims), generator=torch.Generator().manual_seed(0))
    latents = fsq.from_indices(indices)
    assert torch.equal(fsq.to_indices(latents), indices)
    assert torch.equal(fsq(torch.atanh(latents * 0.9)), latents)


@pytest.mark.parametrize("name", SMALL)
def test_agrees_with_the_reference_library(name):
    levels = presets.LEVELS[name]
    theirs = vector_quantize.FSQ(list(levels))
    latent = torch.randn(4, 50, len(levels), generator=torch.Generator().manual_seed(0)) * 2
    expected, indices = theirs(latent)
    ours = FSQ(levels)
    made = ours(latent)
    torch.testing.assert_close(made, expected, atol=1e-6, rtol=0)
    first_fastest = torch.tensor([1, *levels[:-1]]).cumprod(0)
    assert torch.equal((ours.to_indices(made) * first_fastest).sum(-1), indices.long())
    quantized = ours.quantize(latent)
    assert torch.equal(quantized.latents, made)
    assert torch.equal(ours.from_indices(quantized.indices), made)


def test_gradient_passes_straight_through():
    latent = torch.zeros(1, 5, requires_grad=True)
    FSQ((5, 5, 5, 5, 5))(latent).sum().backward()
    half = (5 - 1) * (1 + 1e-3) / 2
    torch.testing.assert_close(latent.grad, torch.full((1, 5), half / 2))


def test_autocast_does_not_flip_codes():
    fsq = FSQ((8, 8, 8, 5, 5, 5))
    latent = torch.randn(1000, 6, generator=torch.Generator().manual_seed(1))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert torch.equal(fsq(latent), FSQ((8, 8, 8, 5, 5, 5))(latent))
        assert fsq(latent).dtype == torch.float32


def test_snap_keeps_even_levels_below_one():
    snapped = FSQ((8, 5)).snap(torch.tensor([[2.0, 2.0], [-2.0, -2.0], [0.99, 0.6]]))
    assert snapped.tolist() == [[0.75, 1.0], [-1.0, -1.0], [0.75, 0.5]]


def test_grid_lists_every_dims_values():
    assert FSQ((5, 4)).grid().tolist() == [-1.0, -0.5, 0.0, 0.5, 1.0, -1.0, -0.5, 0.0, 0.5]


def test_published_names_are_accepted_and_unknown_ones_named():
    for name in presets.LEVELS:
        old = name.replace("IsoDiM_Tokenizer_", "FSQ_AE_")
        assert presets.bottleneck(old).levels == presets.bottleneck(name).levels == presets.LEVELS[name]
    with pytest.raises(InputError, match=r"tokenizer is 'Huge', expected one of IsoDiM_Tokenizer_Small"):
        presets.bottleneck("Huge")
    with pytest.raises(ValueError, match="expected at least one level count"):
        FSQ((5, 1))
