import pytest
import torch

from backend.generators import presets
from backend.generators.hifigpt import HiFiGPT, HiFiGPTConfig, _chosen
from backend.generators.sampling import Sampling
from backend.tokenizers.fsq import FSQ
from backend.tokenizers.rvq import RVQ
from common.errors import InputError

DEPTH, CODES, DIMS = 3, 11, 8


def make(seed=0):
    torch.manual_seed(seed)
    config = HiFiGPTConfig(12, width=32, heads=2, temporal=2, residual=2, dropout=0.0)
    model = HiFiGPT(config, RVQ(DIMS, CODES, DEPTH)).eval()
    for name, parameter in model.named_parameters():  # away from the zero-initialised output
        parameter.data += (0.5 if name.startswith("out") else 0.1) * torch.randn_like(parameter)
    model.std.fill_(0.5)
    return model


def prompt(batch, pieces=5):
    generator = torch.Generator().manual_seed(3)
    return torch.randn(batch, pieces, 12, generator=generator), torch.ones(batch, pieces, dtype=torch.bool)


def run(model, tokens=9, rows=2, keep=None, latents=None, on_step=lambda step, total: None, **settings):
    noise = torch.randn(rows, tokens, DIMS, generator=torch.Generator().manual_seed(4))
    keep = torch.zeros(rows, tokens, dtype=torch.bool) if keep is None else keep
    latents = torch.zeros(rows, tokens, DIMS) if latents is None else latents
    with torch.inference_mode():
        return model.inpaint(prompt(rows), latents, keep, noise, Sampling(**settings), on_step)


def all_logits(model, indices, null=False):
    """Logits [token, depth, code + 1] of one clip's indices [token, depth], all at once as in training."""
    states, mask = model.text_states(*prompt(1), torch.tensor([null]))
    data = model.standardize(model.bottleneck.from_indices(indices[None]))
    contexts = model.contexts(data, states, mask)
    return model.logits(contexts[0, :-1], indices)


@torch.inference_mode()
def test_no_logit_depends_on_what_comes_later_in_time_or_depth():
    model = make()
    indices = torch.randint(CODES, (7, DEPTH))
    before = all_logits(model, indices)
    for token in range(7):
        for depth in range(DEPTH):
            changed = indices.clone()
            changed[token, depth] = (changed[token, depth] + 1) % CODES
            after = all_logits(model, changed)
            torch.testing.assert_close(after[:token], before[:token], atol=1e-6, rtol=0)
            torch.testing.assert_close(after[token, : depth + 1], before[token, : depth + 1], atol=1e-6, rtol=0)
            if token < 6:
                assert not torch.allclose(after[token + 1], before[token + 1], atol=1e-4)


@torch.inference_mode()
def test_sampling_step_by_step_gives_the_logits_of_all_at_once():
    model = make()
    made = run(model, rows=1, guidance=1.0, top_k=1)
    indices = []
    for token in range(9):
        row = torch.zeros(DEPTH, dtype=torch.long)
        for depth in range(DEPTH):
            logits = all_logits(model, torch.stack([*indices, row]))[-1, depth, :CODES]
            row[depth] = logits.argmax()
        indices.append(row)
        expected = model.bottleneck.from_indices(row)
        torch.testing.assert_close(made[0, token], expected, atol=1e-5, rtol=1e-5)


def test_without_guidance_the_null_prompt_is_not_read():
    model = make()
    before = run(model, guidance=1.0)
    model.null_text.data += 3.0
    assert torch.equal(run(model, guidance=1.0), before)
    assert not torch.equal(run(model, guidance=4.0), before)


def test_kept_tokens_stay_and_count_for_what_comes_after_them_only():
    model = make()
    torch.manual_seed(5)
    latents = model.bottleneck.from_indices(torch.randint(CODES, (2, 9, DEPTH)))
    keep = torch.zeros(2, 9, dtype=torch.bool)
    keep[:, :3] = keep[:, 6:] = True
    made = run(model, keep=keep, latents=latents)
    assert torch.equal(made[keep], latents[keep])
    later, sooner = latents.clone(), latents.clone()
    later[:, 6:], sooner[:, :3] = latents[:, 6:].flip(0), latents[:, :3].flip(0)
    assert torch.equal(run(model, keep=keep, latents=later)[:, 3:6], made[:, 3:6])
    assert not torch.equal(run(model, keep=keep, latents=sooner)[:, 3:6], made[:, 3:6])


def test_a_batch_holds_what_single_rows_would_give():
    model = make()
    made = run(model, rows=2)
    noise = torch.randn(2, 9, DIMS, generator=torch.Generator().manual_seed(4))
    states, mask = prompt(2)
    for row in range(2):
        one = slice(row, row + 1)
        with torch.inference_mode():
            alone = model.inpaint(
                (states[one], mask[one]),
                torch.zeros(1, 9, DIMS),
                torch.zeros(1, 9, dtype=torch.bool),
                noise[one],
                Sampling(),
                lambda step, total: None,
            )
        torch.testing.assert_close(alone[0], made[row], atol=1e-5, rtol=1e-5)


@torch.inference_mode()
def test_padding_of_the_text_changes_nothing():
    model = make()
    states, mask = prompt(1)
    longer = torch.cat([states, torch.randn(1, 3, 12)], dim=1), torch.cat([mask, torch.zeros(1, 3, dtype=bool)], dim=1)
    data, null = torch.randn(1, 6, DIMS), torch.tensor([False])
    short, wide = (model.contexts(data, *model.text_states(*text, null)) for text in ((states, mask), longer))
    torch.testing.assert_close(wide, short, atol=1e-5, rtol=1e-5)


def test_steps_are_tokens_and_may_stop_the_run():
    model, seen = make(), []
    run(model, on_step=lambda step, total: seen.append((step, total)))
    assert seen == [(token, 9) for token in range(9)]
    keep = torch.zeros(2, 9, dtype=torch.bool)
    keep[:, 4:] = True
    seen.clear()
    run(model, keep=keep, on_step=lambda step, total: seen.append((step, total)))
    assert [step for step, _ in seen] == [0, 1, 2, 3]

    def stop(step, total):
        raise InterruptedError

    with pytest.raises(InterruptedError):
        run(model, on_step=stop)


def test_a_motion_ends_where_the_end_is_likeliest_and_never_before_its_first_token():
    model = make()
    noise = torch.randn(3, 9, DIMS, generator=torch.Generator().manual_seed(4))
    with torch.inference_mode():
        model.out.bias.data[model.end] = -100.0
        assert model.lengths(prompt(3), noise, Sampling()).tolist() == [9, 9, 9]
        model.out.bias.data[model.end] = 100.0
        assert model.lengths(prompt(3), noise, Sampling()).tolist() == [1, 1, 1]
        made = run(model, rows=3)
    assert made.isfinite().all()  # a length that was asked for is kept, however likely the end


LOGITS = torch.tensor([[0.0, 1.0, 2.0, 3.0]])


def shares(**settings):
    """How often each of four codes is chosen when `chance` runs evenly through 0..1."""
    chance = (torch.arange(4000) + 0.5) / 4000
    both = torch.cat([LOGITS.expand(4000, -1)] * 2)
    found = _chosen(both, chance, Sampling(guidance=1.0, **settings))
    return torch.bincount(found, minlength=4) / 4000


def test_codes_come_as_often_as_their_logits_say():
    torch.testing.assert_close(shares(), LOGITS[0].softmax(-1), atol=1e-3, rtol=0)
    torch.testing.assert_close(shares(temperature=2.0), (LOGITS[0] / 2).softmax(-1), atol=1e-3, rtol=0)
    torch.testing.assert_close(shares(top_k=2)[2:], LOGITS[0, 2:].softmax(-1), atol=1e-3, rtol=0)
    assert shares(top_k=2)[:2].sum() == 0
    assert shares(top_p=0.6).tolist() == [0, 0, 0, 1]
    assert (shares(top_p=0.7) > 0).tolist() == [False, False, True, True]


def test_guidance_moves_away_from_the_null_prompt():
    text, null = torch.tensor([[0.0, 1.0]]), torch.tensor([[1.0, 0.0]])
    chance = torch.tensor([0.5])
    assert _chosen(torch.cat([text, null]), chance, Sampling(guidance=0.0, top_k=1)).item() == 0
    assert _chosen(torch.cat([text, null]), chance, Sampling(guidance=3.0, top_k=1)).item() == 1


@pytest.mark.parametrize(("name", "millions"), [("T2M-HiFiGPT-XS", 6.8), ("T2M-HiFiGPT-B", 41.9)])
def test_sizes(name, millions):
    with torch.device("meta"):
        model = presets.build(name, RVQ(), 384)
    config = model.config
    square = config.width**2
    blocks = (config.temporal + config.residual) * 12 * square  # four of attention, eight of the feed-forward
    ends = (384 + 2 * 512 + 513) * config.width
    assert sum(p.numel() for p in model.parameters()) == pytest.approx(blocks + ends, rel=0.02)
    assert sum(p.numel() for p in model.parameters()) / 1e6 == pytest.approx(millions, rel=0.05)


def test_another_bottleneck_is_refused():
    with pytest.raises(InputError, match=r"model is 'T2M-HiFiGPT-XS'.*FSQ"):
        presets.build("T2M-HiFiGPT-XS", FSQ((5, 5)), 12)
