import pytest
import torch
import vector_quantize_pytorch as vector_quantize

from backend.tokenizers.codebook import Codebook
from backend.tokenizers.rvq import RVQ
from backend.tokenizers.vq import VQ

SIZE, DIMS = 16, 4


@pytest.fixture
def latents():
    return torch.randn(8, 50, DIMS, generator=torch.Generator().manual_seed(0))


def seeded(kind, *sizes):
    torch.manual_seed(1)
    made = kind(DIMS, SIZE, *sizes)
    made.codebook.share.fill_(1 / SIZE)
    return made


def library(kind, ours, tokens, **settings):
    """Theirs with our codebook; they count latents where we hold shares."""
    theirs = kind(
        dim=DIMS, codebook_size=SIZE, decay=0.99, eps=0.0, commitment_weight=1.0, rotation_trick=False, **settings
    )
    book = (theirs.layers[0] if kind is vector_quantize.ResidualVQ else theirs)._codebook
    book.embed.data.copy_(ours.codebook.vectors[None])
    book.cluster_size.data.fill_(tokens / SIZE)
    book.embed_avg.data.copy_(book.embed * book.cluster_size[..., None])
    return theirs, book


def test_vq_learns_as_the_reference_library(latents):
    ours = seeded(VQ).train()
    theirs, book = library(vector_quantize.VectorQuantize, ours, tokens=400)
    theirs.train()
    latents.requires_grad_()
    made = ours.quantize(latents)
    expected, indices, commitment = theirs(latents)
    torch.testing.assert_close(made.latents, expected)
    assert torch.equal(made.indices[..., 0], indices)
    torch.testing.assert_close(made.commitment, commitment.squeeze())
    assert ours.codebook.share.min() > 1 / 8 / SIZE  # no vector died, which the library would not see
    torch.testing.assert_close(ours.codebook.vectors, book.embed[0], atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(ours.codebook.share * 400, book.cluster_size[0], atol=1e-3, rtol=1e-4)


def test_rvq_quantizes_as_the_reference_library(latents):
    ours = seeded(RVQ, 6).eval()
    theirs, _ = library(vector_quantize.ResidualVQ, ours, tokens=400, num_quantizers=6, shared_codebook=True)
    expected, indices, _ = theirs.eval()(latents)
    made = ours.quantize(latents)
    assert torch.equal(made.indices, indices)
    torch.testing.assert_close(made.latents, expected)
    torch.testing.assert_close(ours.from_indices(indices), expected)
    sums = torch.stack([ours.from_indices(indices[..., : depth + 1]) for depth in range(6)])
    torch.testing.assert_close(made.commitment, (latents - sums).square().mean())


@pytest.mark.parametrize("kind", [VQ, RVQ])
def test_codes_are_what_was_encoded(kind, latents):
    bottleneck = seeded(kind).eval()
    made = bottleneck.quantize(latents)
    torch.testing.assert_close(bottleneck.from_indices(made.indices), made.latents)
    assert torch.equal(bottleneck.to_indices(latents), made.indices)
    torch.testing.assert_close(bottleneck.snap(latents), made.latents)
    before = {key: value.clone() for key, value in bottleneck.state_dict().items()}
    bottleneck(latents)
    assert all(torch.equal(before[key], value) for key, value in bottleneck.state_dict().items())


def test_every_vq_code_survives_the_round_trip():
    vq = VQ()
    indices = torch.arange(512)[:, None]
    assert torch.equal(vq.to_indices(vq.from_indices(indices)), indices)
    assert torch.equal(vq.snap(vq.from_indices(indices)), vq.from_indices(indices))


@pytest.mark.parametrize("kind", [VQ, RVQ])
def test_gradients_pass_straight_through(kind, latents):
    latents.requires_grad_()
    seeded(kind)(latents).sum().backward()
    assert torch.equal(latents.grad, torch.ones_like(latents))


@pytest.mark.parametrize("kind", [VQ, RVQ])
def test_the_first_batch_fills_the_codebook_and_learning_brings_it_nearer(kind):
    torch.manual_seed(2)
    spread = torch.linspace(1.5, 0.1, 8)
    bottleneck = kind(8, 64)
    errors = []
    for _ in range(150):
        latents = 0.5 + spread * torch.randn(256, 8)
        errors.append(float((bottleneck.eval().quantize(latents).latents - latents).square().mean()))
        bottleneck.train().quantize(latents)
    variance = float(spread.square().mean())
    assert errors[1] < 0.5 * variance or kind is RVQ
    assert errors[-1] < errors[1]
    assert errors[-1] < {VQ: 0.35, RVQ: 0.15}[kind] * variance
    assert len(bottleneck.to_indices(latents).unique()) > 48


def test_dead_vectors_begin_anew_at_latents_of_the_batch(latents):
    book = Codebook(SIZE, DIMS)
    flat = latents.flatten(0, 1)
    book.begin(flat)
    book.vectors[3] = 1e3
    for _ in range(250):
        book.learn(flat, book.nearest(flat))
    assert book.vectors[3].abs().max() < 10
    torch.testing.assert_close(book.share.sum(), torch.tensor(1.0))


def test_processes_learn_one_codebook_from_all_their_latents(latents, monkeypatch):
    flat = latents.flatten(0, 1)
    mine, theirs = flat[:200], flat[200:]
    whole, part = seeded(VQ).codebook, seeded(VQ).codebook
    sent = []

    class TwoProcesses:
        is_initialized = staticmethod(lambda: True)

        @staticmethod
        def all_reduce(value):
            chosen = part.nearest(theirs)
            one_hot = torch.nn.functional.one_hot(chosen, SIZE).float()
            value += one_hot.sum(0) if value.ndim == 1 else one_hot.T @ theirs

        @staticmethod
        def broadcast(value, source):
            sent.append(source)
            value.fill_(7)

    for _ in range(3):
        whole.learn(flat, whole.nearest(flat))
    monkeypatch.setattr("backend.tokenizers.codebook.distributed", TwoProcesses)
    for _ in range(3):
        part.learn(mine, part.nearest(mine))
    torch.testing.assert_close(part.vectors, whole.vectors)
    torch.testing.assert_close(part.share, whole.share)
    assert not sent
    part.share[5] = 0
    part.learn(mine, part.nearest(mine) * 0)
    assert set(sent) == {0}
    assert (part.vectors[5] == 7).all()


def test_dropout_stops_some_training_batches_early(latents):
    torch.manual_seed(3)
    rvq = RVQ(DIMS, SIZE, dropout=0.5).train()
    depths = [rvq.quantize(latents).indices.shape[-1] for _ in range(40)]
    assert {1, 6} <= set(depths)
    assert 15 < depths.count(6) < 35
    assert rvq.eval().quantize(latents).indices.shape[-1] == 6


def test_autocast_does_not_flip_codes(latents):
    vq = seeded(VQ).eval()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        made = vq.quantize(latents)
    assert torch.equal(made.indices, vq.to_indices(latents))
    assert made.latents.dtype == torch.float32
