import pytest
import torch

from backend.tokenizers import presets


@pytest.fixture(scope="module")
def tokenizer():
    torch.manual_seed(0)
    return presets.build("IsoDiM_Tokenizer_High", width=32).eval()


@pytest.mark.parametrize("frames", [4, 16, 64, 196])
def test_four_frames_a_token_and_back(tokenizer, frames):
    features = torch.randn(2, frames, 67)
    latents = tokenizer.encode(features)
    assert latents.shape == (2, frames // 4, 6)
    assert torch.equal(tokenizer.bottleneck.snap(latents), latents)
    assert tokenizer.decode(latents).shape == features.shape


@pytest.mark.parametrize("name", presets.NAMES)
def test_every_preset_reconstructs_from_its_codes(name):
    torch.manual_seed(0)
    tokenizer = presets.build(name, width=8, latent=24).eval()
    features = torch.randn(2, 16, 67)
    made, quantized = tokenizer(features)
    bottleneck = tokenizer.bottleneck
    assert quantized.latents.shape == (2, 4, bottleneck.dims)
    assert quantized.indices.shape == (2, 4, len(bottleneck.levels) or bottleneck.dims)
    again = tokenizer.decode(bottleneck.from_indices(quantized.indices))
    torch.testing.assert_close(again, made)
    torch.testing.assert_close(tokenizer.encode(features), quantized.latents)
    assert tokenizer.load_state_dict(presets.build(name, width=8, latent=24).state_dict())


def test_published_width_has_the_published_size():
    with torch.device("meta"):
        encoder = presets.build("AE_Model").encoder
    assert sum(p.numel() for p in encoder.parameters()) == pytest.approx(9.3e6, rel=0.1)


def test_normalisation_is_undone(tokenizer):
    tokenizer.mean.uniform_(-1, 1)
    tokenizer.std.uniform_(0.5, 2)
    features = torch.randn(1, 8, 67)
    torch.testing.assert_close(tokenizer.denormalize(tokenizer.normalize(features)), features)
    assert "mean" in tokenizer.state_dict()
    assert "std" in tokenizer.state_dict()


@pytest.mark.parametrize("name", ["IsoDiM_Tokenizer_Small", *presets.OTHERS])
def test_learns_one_window(name):
    torch.manual_seed(0)
    tokenizer = presets.build(name, width=16, latent=8)
    target = torch.sin(torch.linspace(0, 6, 32))[None, :, None] * torch.linspace(-1, 1, 67)
    optimizer = torch.optim.AdamW(tokenizer.parameters(), lr=5e-3)
    before = (tokenizer(target)[0] - target).square().mean().item()
    for _ in range(30):
        made, quantized = tokenizer(target)
        loss = (made - target).square().mean() + 0.02 * quantized.commitment
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert loss.item() < 0.4 * before
