import itertools

import pytest
import torch

from backend.dicode import streaming
from backend.dicode.language import HEADS, build
from backend.generators.sampling import Sampling
from backend.tokenizers.fsq import FSQ
from backend.tokenizers.kl import KL
from common.errors import InputError
from tests.backend.dicode.small import DIMS, FRAMES, TOKENS, language, prompt, text, tokenizer

SEGMENTS = 6
TOTAL = SEGMENTS * TOKENS


def data(seed=1):
    return torch.randn(1, TOTAL, DIMS, generator=torch.Generator().manual_seed(seed))


@torch.inference_mode()
def test_no_output_depends_on_its_own_token_or_later_ones():
    model = language()
    told, given = text(model, range(SEGMENTS)), data()
    before = model.output(given, told)
    for token in range(TOTAL):
        changed = given.clone()
        changed[:, token] += 1.0
        after = model.output(changed, told)
        torch.testing.assert_close(after[:, : token + 1], before[:, : token + 1], atol=1e-6, rtol=0)
        if token + 1 < TOTAL:
            assert not torch.allclose(after[:, token + 1], before[:, token + 1], atol=1e-4)


@torch.inference_mode()
def test_a_prompt_counts_from_its_segment_on():
    model = language()
    given = data()
    before = model.output(given, text(model, [0] * SEGMENTS))
    after = model.output(given, text(model, [0, 0, 0, 1, 0, 0]))
    torch.testing.assert_close(after[:, : 3 * TOKENS], before[:, : 3 * TOKENS], atol=1e-6, rtol=0)
    assert (after - before).abs().amax(dim=(0, 2))[3 * TOKENS : 4 * TOKENS].min() > 1e-4


@torch.inference_mode()
def test_tokens_beyond_the_window_are_not_read():
    model = language(window=1)
    reach = 2 * (TOKENS - 1) + 1  # two blocks, each as far back as the window, and the shift of the input
    told, given = text(model, range(SEGMENTS)), data()
    before = model.output(given, told)
    changed = given.clone()
    changed[:, 0] += 1.0
    apart = (model.output(changed, told) - before).abs().amax(dim=(0, 2))
    assert (apart[1 : 1 + reach] > 1e-5).all()
    assert (apart[1 + reach :] < 1e-6).all()


@pytest.mark.parametrize("window", [1, 2, 10])
@torch.inference_mode()
def test_token_by_token_gives_the_outputs_of_all_at_once(window):
    model = language(window=window)
    given = data()
    wanted = model.output(given, text(model, range(SEGMENTS)))
    past = model.past(1)
    for token in range(TOTAL):
        output = model.next_output(past, text(model, [token // TOKENS]))
        torch.testing.assert_close(output, wanted[:, token], atol=1e-5, rtol=1e-5)
        past.x = model.latent_in(given[:, token])[:, None]


def made(model, decoder, prompts, seed=0, **settings):
    found = streaming.segments(model, decoder, prompts, seed, Sampling(steps=2, **settings))
    return list(found)


@pytest.mark.parametrize(
    ("head", "bottleneck"), [*((head, "fsq") for head in HEADS), ("gmm", "kl"), ("gaussian", "kl")]
)
def test_any_head_makes_a_clip_that_its_seed_decides(head, bottleneck):
    model, decoder = language(head, bottleneck), tokenizer(bottleneck)
    prompts = [prompt(number) for number in range(3)]
    first, again, other = (torch.cat(made(model, decoder, prompts, seed)) for seed in (0, 0, 1))
    assert first.shape == (3 * FRAMES, 67)
    assert torch.isfinite(first).all()
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_a_longer_clip_begins_as_a_shorter_one():
    model, decoder = language(), tokenizer()
    short = made(model, decoder, [prompt(number) for number in range(3)])
    long = made(model, decoder, [prompt(number) for number in range(7)])
    assert all(torch.equal(one, other) for one, other in zip(short, long[:3], strict=True))


def test_the_past_of_a_long_clip_is_that_of_a_short_one(monkeypatch):
    model, decoder = language(window=2), tokenizer()
    remembered = []
    segment = type(model).segment

    def watched(self, past, *rest):
        found = segment(self, past, *rest)
        remembered.append((past.tokens, sum(part.numel() for cache in past.caches for part in cache._seen)))
        return found

    monkeypatch.setattr(type(model), "segment", watched)
    clip = streaming.segments(model, decoder, itertools.repeat(prompt(0)), 0, Sampling(steps=1))
    for _ in itertools.islice(clip, 40):
        pass
    assert [tokens for tokens, _ in remembered] == [TOKENS] + [2 * TOKENS] * 39
    assert len(set(remembered[1:])) == 1


def test_a_segment_is_made_when_it_is_asked_for():
    asked = []

    def prompts():
        for number in itertools.count():
            asked.append(number)
            yield prompt(number)

    clip = streaming.segments(language(), tokenizer(), prompts(), 0, Sampling(steps=1))
    assert asked == []
    next(clip)
    assert asked == [0]
    next(clip)
    assert asked == [0, 1]


def test_a_changed_prompt_changes_the_clip_from_there_on():
    model, decoder = language(), tokenizer()
    one = made(model, decoder, [prompt(0), prompt(0), prompt(0)])
    other = made(model, decoder, [prompt(0), prompt(0), prompt(9)])
    assert torch.equal(one[0], other[0]) and torch.equal(one[1], other[1])
    assert not torch.equal(one[2], other[2])


def test_without_guidance_the_null_prompt_is_not_read():
    model, decoder = language(), tokenizer()
    prompts = [prompt(0), prompt(1)]
    plain, guided = (made(model, decoder, prompts, guidance=guidance)[0] for guidance in (1.0, 4.0))
    model.null_text.data += 3.0
    assert torch.equal(made(model, decoder, prompts, guidance=1.0)[0], plain)
    assert not torch.equal(made(model, decoder, prompts, guidance=4.0)[0], guided)


@torch.inference_mode()
def test_sampled_latents_are_ones_that_the_tokenizer_can_give():
    for head in HEADS:
        model = language(head)
        latents = model.segment(model.past(1), text(model, [0]), Sampling(guidance=1.0), torch.Generator())
        torch.testing.assert_close(model.bottleneck.snap(latents), latents, atol=1e-6, rtol=0)


def test_what_cannot_be_is_refused_in_one_sentence():
    with pytest.raises(InputError, match="head is 'categorical', expected gmm, gaussian or regression"):
        build("DiCoDe-XXS", KL(4), 4, 12)
    with pytest.raises(InputError, match="model is 'GPT-5', expected one of DiCoDe-XXS"):
        build("GPT-5", FSQ((5, 5)), 4, 12)
    with pytest.raises(InputError, match="head is 'mse', expected"):
        build("DiCoDe-XXS", FSQ((5, 5)), 4, 12, head="mse")
    with pytest.raises(InputError, match="window is 0"):
        build("DiCoDe-XXS", FSQ((5, 5)), 4, 12, window=0)
