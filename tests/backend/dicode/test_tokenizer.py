import pytest
import torch

from backend.dicode.tokenizer import DeepConfig, build
from common.errors import InputError
from tests.backend.dicode.small import DIMS, FRAMES, TOKENS, tokenizer


def frames(count, seed=1):
    return torch.randn(2, count, 67, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("bottleneck", ["fsq", "kl"])
@torch.inference_mode()
def test_segments_become_tokens_and_tokens_segments(bottleneck):
    model = tokenizer(bottleneck)
    latents = model.encode(frames(3 * FRAMES))
    assert latents.shape == (2, 3 * TOKENS, DIMS)
    assert torch.equal(model.bottleneck.snap(latents), latents)
    made = model.decode(latents, frames(3 * FRAMES, seed=2), 2)
    assert made.shape == (2, 3 * FRAMES, 67)
    assert torch.isfinite(made).all()


@torch.inference_mode()
def test_a_token_sees_its_own_segment_only():
    model = tokenizer("kl")
    given = frames(3 * FRAMES)
    before = model.encoded(given)
    changed = given.clone()
    changed[:, FRAMES : 2 * FRAMES] += 1.0
    after = model.encoded(changed)
    apart = (after - before).abs().amax(dim=(0, 2))
    assert (apart[:TOKENS] == 0).all() and (apart[2 * TOKENS :] == 0).all()
    assert (apart[TOKENS : 2 * TOKENS] > 1e-3).all()


@torch.inference_mode()
def test_with_ends_half_the_tokens_see_the_beginning_and_half_the_end():
    model = tokenizer("kl", ends=2)
    given = frames(FRAMES)
    before = model.encoded(given)
    for frame in range(FRAMES):
        changed = given.clone()
        changed[:, frame] += 1.0
        moved = ((model.encoded(changed) - before).abs().amax(dim=(0, 2)) > 1e-4).tolist()
        assert moved == [frame < 2, frame >= FRAMES - 2]


@torch.inference_mode()
def test_the_same_noise_is_the_same_motion_and_other_noise_another():
    model = tokenizer()
    latents = model.encode(frames(2 * FRAMES))
    first, again, other = (model.decode(latents, frames(2 * FRAMES, seed), 3) for seed in (2, 2, 3))
    assert torch.equal(first, again)
    assert not torch.allclose(first, other, atol=1e-3)


@torch.inference_mode()
def test_a_segment_goes_on_from_the_last_frames_before_it_and_from_no_others():
    model = tokenizer()
    latents = model.encode(frames(FRAMES))
    noise, before = frames(FRAMES, 2), frames(FRAMES, 3)
    made = model.decode_segment(latents, noise, before, 2)
    older = before.clone()
    older[:, : -model.frames_before] += 1.0
    assert torch.equal(model.decode_segment(latents, noise, older, 2), made)
    newer = before.clone()
    newer[:, -1] += 1.0
    assert not torch.allclose(model.decode_segment(latents, noise, newer, 2), made, atol=1e-4)
    assert not torch.allclose(model.decode_segment(latents, noise, None, 2), made, atol=1e-4)


@torch.inference_mode()
def test_all_tokens_count_for_the_decoder():
    model = tokenizer("kl")
    latents, noise = torch.randn(1, TOKENS, DIMS), torch.randn(1, FRAMES, 67)
    made = model.decode_segment(latents, noise, None, 1)
    for token in range(TOKENS):
        changed = latents.clone()
        changed[:, token] += 1.0
        assert not torch.allclose(model.decode_segment(changed, noise, None, 1), made, atol=1e-4)


def test_a_kl_token_costs_the_divergence_of_its_distribution():
    model = tokenizer("kl")
    assert model.bottleneck.bits(torch.zeros(3, 2 * DIMS)).tolist() == [0.0] * 3
    mean, log_variance = torch.randn(DIMS), torch.randn(DIMS)
    wanted = torch.distributions.kl_divergence(
        torch.distributions.Normal(mean, (log_variance / 2).exp()), torch.distributions.Normal(0.0, 1.0)
    ).sum() / torch.log(torch.tensor(2.0))
    found = model.bottleneck.bits(torch.cat([mean, log_variance])[None])
    torch.testing.assert_close(found[0], wanted)
    encoded = torch.cat([mean, log_variance])[None]
    assert torch.equal(model.bottleneck(encoded)[0], mean)
    model.bottleneck.train()
    assert not torch.equal(model.bottleneck(encoded)[0], mean)


def test_a_few_clips_are_learned_by_heart():
    torch.manual_seed(0)
    model = tokenizer(segment_frames=16, frames_before=4).train()
    time = torch.arange(16.0)[None, :, None] / 16
    data = torch.sin(6 * time + torch.rand(4, 1, 67) * 6)
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    known, before = torch.zeros(4, dtype=torch.bool), torch.zeros(4, 4, 67)
    for _ in range(150):
        level, noise = torch.rand(4, 1, 1), torch.randn(4, 16, 67)
        predicted = model.denoise(level * data + (1 - level) * noise, level[:, 0, 0], model.encode(data), before, known)
        loss = (predicted - data).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.inference_mode():
        made = model.decode(model.encode(data), torch.randn(4, 16, 67), 4)
    assert (made - data).square().mean() < 0.1 * data.square().mean()


def test_what_cannot_be_is_refused_in_one_sentence():
    with pytest.raises(InputError, match="frames is 9, expected a multiple of 8"):
        tokenizer().encode(frames(9))
    with pytest.raises(InputError, match="model is 'DiCoDe', expected one of DiCoDe-Tokenizer-XXS"):
        build("DiCoDe")
    with pytest.raises(InputError, match="bottleneck is 'vq', expected"):
        build("DiCoDe-Tokenizer-XXS", "vq")
    with pytest.raises(InputError, match="tokens_per_segment is 3, expected an even number"):
        DeepConfig(32, 2, 1, 1, tokens_per_segment=3, ends=4)
    with pytest.raises(InputError, match="ends is 30"):
        DeepConfig(32, 2, 1, 1, ends=30)
