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
    codes = tokenizer.encode(features)
    assert codes.shape == (2, frames // 4, 6)
    assert torch.equal(tokenizer.bottleneck.snap(codes), codes)
    assert tokenizer.decode(codes).shape == features.shape


def test_published_width_has_the_published_size():
    encoder = presets.build("IsoDiM_Tokenizer_High").encoder
    assert sum(p.numel() for p in encoder.parameters()) == pytest.approx(9.3e6, rel=0.1)


def test_normalisation_is_undone(tokenizer):
    tokenizer.mean.uniform_(-1, 1)
    tokenizer.std.uniform_(0.5, 2)
    features = torch.randn(1, 8, 67)
    torch.testing.assert_close(tokenizer.denormalize(tokenizer.normalize(features)), features)
    assert "mean" in tokenizer.state_dict()
    assert "std" in tokenizer.state_dict()


def test_learns_one_window():
    torch.manual_seed(0)
    tokenizer = presets.build("IsoDiM_Tokenizer_Small", width=32)
    target = torch.sin(torch.linspace(0, 6, 32))[None, :, None] * torch.linspace(-1, 1, 67)
    optimizer = torch.optim.AdamW(tokenizer.parameters(), lr=3e-3)
    before = (tokenizer(target)[0] - target).square().mean().item()
    for _ in range(120):
        loss = (tokenizer(target)[0] - target).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert loss.item() < 0.1 * before
