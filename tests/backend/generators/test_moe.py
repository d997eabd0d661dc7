import dataclasses

import pytest
import torch

from backend.generators import presets
from backend.generators.isodim import IsoDiM
from backend.generators.layers import SwiGLU
from backend.generators.moe import Experts, MoE, MoEConfig, within
from backend.generators.sampling import Sampling
from backend.tokenizers.fsq import FSQ
from common.errors import InputError
from tests import tiny

FSQ_ = FSQ((8, 5, 5))
WIDTH, TOKENS = 32, 12


def make(**options):
    torch.manual_seed(0)
    config = MoEConfig(width=WIDTH, heads=2, depth=2, mar_depth=2, text_width=12, dropout=0.0, **options)
    model = MoE(config, FSQ_).eval()
    for parameter in model.parameters():
        parameter.data += 0.1 * torch.randn_like(parameter)
    return model


def experts(count=4, top_k=2, shared=1, routing="tokens"):
    torch.manual_seed(2)
    return Experts(WIDTH, count, top_k, shared, routing)


def tokens(batch=3, seed=1):
    x = torch.randn(batch, TOKENS, WIDTH, generator=torch.Generator().manual_seed(seed))
    return x, torch.arange(TOKENS) < torch.tensor([TOKENS, 7, 4])[:batch, None]


def context_of(model, mask):
    prompt = torch.randn(len(mask), 5, 12, generator=torch.Generator().manual_seed(3)), torch.ones(len(mask), 5).bool()
    data = torch.zeros(*mask.shape, 3)
    visible = torch.zeros_like(mask)
    return model.context(data, visible, mask, *model.text_states(*prompt, torch.zeros(len(mask)).bool()))


def denoised(model, mask, seed=4):
    noisy = torch.randn(*mask.shape, 3, generator=torch.Generator().manual_seed(seed))
    return model.denoise(noisy, torch.full((len(mask),), 0.4), context_of(model, mask))


def test_one_expert_is_the_plain_feed_forward_bit_for_bit():
    one = experts(1, 1, 0)
    x, mask = tokens()
    plain = SwiGLU(WIDTH)
    plain.load_state_dict(one.experts[0].state_dict())
    gate, chosen = one.route(x, mask)
    assert torch.equal(one(x, gate, chosen)[mask], plain(x[mask]))


@pytest.mark.parametrize("routing", ["tokens", "experts"])
def test_what_is_sent_to_the_experts_is_the_sum_over_all_of_them(routing):
    mixed = experts(routing=routing)
    x, mask = tokens()
    gate, chosen = mixed.route(x, mask)
    every = torch.stack([expert(x) for expert in mixed.experts], -1)
    dense = (every * (gate * chosen)[..., None, :]).sum(-1) + mixed.shared[0](x)
    torch.testing.assert_close(mixed(x, gate, chosen), dense, atol=1e-6, rtol=1e-5)


def test_a_token_goes_to_its_best_experts_and_padding_to_none():
    gate, chosen = experts().route(*tokens())
    mask = tokens()[1]
    assert torch.equal(chosen.sum(-1), 2 * mask)
    assert (
        gate[mask].masked_fill(~chosen[mask], 1).min(-1).values
        >= gate[mask].masked_fill(chosen[mask], 0).max(-1).values
    ).all()


def test_an_expert_takes_its_best_tokens_of_one_clip_whatever_else_is_in_the_batch():
    chooser = experts(routing="experts")
    x, mask = tokens()
    chosen = chooser.route(x, mask)[1]
    assert chosen.sum(1).tolist() == [[6] * 4, [4] * 4, [2] * 4]  # ceil(n 2 / 4)
    assert not chosen[~mask].any()
    for row, count in enumerate((TOKENS, 7, 4)):
        alone = chooser.route(x[row : row + 1, :count], mask[row : row + 1, :count])[1]
        assert torch.equal(alone[0], chosen[row, :count])


def test_gradients_reach_the_gate_in_fp32_under_autocast():
    mixed = experts()
    x, mask = tokens()
    with torch.autocast("cpu", torch.bfloat16):
        gate, chosen = mixed.route(x, mask)
        mixed(x, gate, chosen).float().square().mean().backward()
    assert gate.dtype == torch.float32
    assert mixed.gate.weight.grad.abs().sum() > 0


def test_padding_changes_nothing():
    model = make()
    short = torch.ones(1, 7, dtype=torch.bool)
    padded = torch.cat([short, torch.zeros(1, 3, dtype=torch.bool)], 1)
    noisy = torch.randn(1, 10, 3)
    time = torch.tensor([0.4])
    with torch.inference_mode():
        alone = model.denoise(noisy[:, :7], time, context_of(model, short))
        among = model.denoise(noisy, time, context_of(model, padded))
    torch.testing.assert_close(among[:, :7], alone, atol=1e-5, rtol=1e-5)


def test_a_window_as_wide_as_the_clip_sees_all_and_a_narrow_one_its_neighbours_and_the_first():
    model, mask = make(), torch.ones(1, TOKENS, dtype=torch.bool)
    with torch.inference_mode():
        full = denoised(model, mask)
        for block in model.head:
            block.window = TOKENS - 1
        torch.testing.assert_close(denoised(model, mask), full)
        for block in model.head:
            block.window = 1
        assert not torch.allclose(denoised(model, mask), full, atol=1e-3)
    seen = within(6, 1, torch.device("cpu"))
    assert seen[4].tolist() == [True, False, False, True, True, True]


def test_without_prompt_tokens_the_text_states_are_isodims_and_with_them_those_come_after():
    states, mask = torch.randn(2, 5, 12), torch.ones(2, 5, dtype=torch.bool)
    null = torch.tensor([False, True])
    for count in (0, 3):
        model = make(prompt_tokens=count)
        made, real = model.text_states(states, mask, null)
        plain, plain_real = IsoDiM.text_states(model, states, mask, null)
        assert torch.equal(made[:, count:], plain)
        assert torch.equal(real[:, count:], plain_real)
        assert real[:, :count].all()
        assert torch.equal(made[:, :count], model.prompt_tokens.expand(2, -1, -1))


@pytest.mark.parametrize("options", [{}, {"routing": "experts", "window": 3, "prompt_tokens": 2}])
def test_it_inpaints(options):
    model = make(**options)
    latents = FSQ_.from_indices(torch.zeros(2, TOKENS, 3, dtype=torch.long))
    keep = torch.zeros(2, TOKENS, dtype=torch.bool)
    keep[0, :4] = True
    text = torch.randn(2, 5, 12), torch.ones(2, 5, dtype=torch.bool)
    noise = torch.randn(2, TOKENS, 3, generator=torch.Generator().manual_seed(4))

    def inpainted(rows):
        given = [part[rows] for part in (latents, keep, noise)]
        with torch.inference_mode():
            prompt = text[0][rows], text[1][rows]
            return tiny.inpaint(model, prompt, *given, Sampling(steps=2), lambda step, total: None)

    made = inpainted(slice(None))
    assert torch.equal(made[keep], latents[keep])
    assert torch.equal(FSQ_.snap(made), made)
    assert torch.equal(inpainted(slice(1, 2))[0], made[1])


def test_the_sizes_are_what_the_docs_say():
    for name, millions, active in (("MoE-XXS", 9.8, 4.6), ("MoE-small", 37.7, 18.3), ("MoE-big", 155.2, 70.2)):
        with torch.device("meta"):
            model = presets.build(name, FSQ((5,) * 12), 384)
        count = sum(parameter.numel() for parameter in model.parameters())
        idle = sum(
            parameter.numel()
            for block in model.head
            for expert in list(block.feed.experts)[2:]
            for parameter in expert.parameters()
        )
        assert round(count / 1e6, 1) == millions
        assert round((count - idle) / 1e6, 1) == active


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"top_k": 9}, "top_k"),
        ({"num_experts": 0}, "num_experts"),
        ({"routing": "x"}, "routing"),
        ({"window": -1}, "window"),
    ],
)
def test_what_cannot_be_is_refused(options, field):
    with pytest.raises(InputError) as refused:
        make(**options)
    assert refused.value.field == field


def test_options_of_a_checkpoint_build_it_again():
    names = presets.options_of("MoE-XXS")
    assert {"num_experts", "top_k", "shared_experts", "routing", "window", "prompt_tokens"} <= set(names)
    given = {name: dataclasses.asdict(make().config)[name] for name in names}
    assert isinstance(presets.build("MoE-XXS", FSQ_, 12, **given), MoE)
