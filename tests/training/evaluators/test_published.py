"""Published evaluators load from files in exactly their layout, and are refused otherwise; nothing in a file is run."""

import os
import pickle

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from backend.motion.classic import classic
from common.errors import InputError
from tests.prepared import swinging
from tests.training.evaluators import published as files
from training.evaluators import load
from training.evaluators.glove import Glove, read_tokens
from training.evaluators.plain_pickle import plain_values

WALK = "a person walks to the left."


@pytest.fixture(scope="module")
def essential_folder(tmp_path_factory):
    return files.make(tmp_path_factory.mktemp("essential"), files.match_parts(67), 67)


@pytest.fixture(scope="module")
def essential(essential_folder):
    return load(essential_folder)


@pytest.fixture(scope="module")
def clip_evaluator(tmp_path_factory):
    return load(files.make(tmp_path_factory.mktemp("clip"), files.clip_parts(67), 67))


def test_embeddings_have_512_numbers_and_depend_on_the_clip_alone(essential):
    motions = [swinging(frames, seed) for seed, frames in enumerate((40, 196, 23))]
    together = essential.motion(motions)
    assert together.shape == (3, 512)
    assert together[2:] == pytest.approx(essential.motion(motions[2:]), abs=1e-4)
    assert np.ptp(together, axis=0).max() > 0.01


def test_the_classic_evaluator_reads_classic_features_without_contacts(tmp_path):
    folder = files.make(tmp_path, files.match_parts(259), 263)
    motion = swinging(42, 1)
    mean, std = np.load(folder / "mean.npy"), np.load(folder / "std.npy")
    state = torch.load(folder / "finest.tar", weights_only=True)
    values = np.zeros((196, 259), np.float32)
    values[:40] = ((classic(motion) - mean) / std)[:40, :259]
    x, weights = torch.from_numpy(values).T[None], state["movement_encoder"]
    for layer in ("main.0", "main.3"):
        x = F.leaky_relu(F.conv1d(x, weights[f"{layer}.weight"], weights[f"{layer}.bias"], stride=2, padding=1), 0.2)
    x = F.linear(x.transpose(1, 2), weights["out_net.weight"], weights["out_net.bias"])[:, :10]
    weights = state["motion_encoder"]
    gru = torch.nn.GRU(1024, 1024, batch_first=True, bidirectional=True)
    gru.load_state_dict({key.removeprefix("gru."): value for key, value in weights.items() if key.startswith("gru.")})
    _, last = gru(F.linear(x, weights["input_emb.weight"], weights["input_emb.bias"]), weights["hidden"])
    x = F.linear(last.flatten()[None], weights["output_net.0.weight"], weights["output_net.0.bias"])
    x = F.leaky_relu(F.layer_norm(x, (1024,), weights["output_net.1.weight"], weights["output_net.1.bias"]), 0.2)
    expected = F.linear(x, weights["output_net.3.weight"], weights["output_net.3.bias"])
    assert load(folder).motion([motion]) == pytest.approx(expected.detach().numpy(), abs=1e-4)


def test_motions_are_normalised_with_the_evaluators_own_statistics(essential, essential_folder):
    mean, std = np.load(essential_folder / "mean.npy"), np.load(essential_folder / "std.npy")
    motion = swinging(40, 0)
    features, frames = essential.motions.batch([motion])
    assert features[0, :40].numpy() == pytest.approx((motion - mean) / std, abs=1e-5)
    assert features[0, 40:].abs().max() == 0
    assert frames.tolist() == [40]


def test_words_get_their_vectors_and_kinds(essential, essential_folder):
    vectors, kinds = essential.words.sentence(WALK)
    table = np.load(essential_folder / "glove" / "our_vab_data.npy").astype(np.float32)[::-1]
    assert vectors.tolist() == table[[1, 3, 4, 5, 6, 7, 8, 2]].tolist()
    assert kinds.argmax(1).tolist() == [14, 2, 1, 12, 3, 2, 9, 14]  # bounds OTHER, walk an action, left a place
    vectors, kinds = essential.words.sentence("a man zorbs down")
    assert (vectors[3] == table[0]).all()
    assert kinds.argmax(1)[3:5].tolist() == [14, 9]


def test_a_caption_embeds_alike_alone_and_beside_others(essential):
    together = essential.text([WALK, "a man sits"])
    assert together.shape == (2, 512)
    assert together[1:] == pytest.approx(essential.text(["a man sits"]), abs=1e-5)


def test_a_caption_without_parts_of_speech_is_refused(essential):
    with pytest.raises(InputError, match="caption is 'a person flies', expected one that a file"):
        essential.text(["a person flies"])


def test_the_contrastive_evaluator_gives_unit_vectors(clip_evaluator):
    motions = [swinging(24, 0), swinging(60, 1)]
    embedded = clip_evaluator.motion(motions)
    assert np.linalg.norm(embedded, axis=1) == pytest.approx(1.0)
    assert embedded[:1] == pytest.approx(clip_evaluator.motion(motions[:1]), abs=1e-4)
    texts = clip_evaluator.text(["a person walks", "waves"])
    assert texts.shape == (2, 512)
    assert texts[1:] == pytest.approx(clip_evaluator.text(["waves"]), abs=1e-4)


def test_wrong_features_and_short_clips_are_refused(essential):
    with pytest.raises(InputError, match="features a frame is 64, expected 67"):
        essential.motion([np.zeros((40, 64), np.float32)])
    with pytest.raises(InputError, match="frames of a clip is 3"):
        essential.motion([np.zeros((3, 67), np.float32)])


def test_other_weights_are_one_sentence(tmp_path):
    torch.save({"model": {}}, tmp_path / "finest.tar")
    with pytest.raises(InputError, match=r"parts of finest.tar is \['model'\], expected movement_encoder"):
        load(tmp_path)
    torch.save({"contrast_model": {}}, tmp_path / "finest.tar")
    with pytest.raises(InputError, match=r"evaluator is 'without motion_encoder.embed_motion.weight'"):
        load(tmp_path)


class Order:
    def __reduce__(self):
        return os.mkdir, ("ran",)


def test_code_in_a_file_of_weights_is_not_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    torch.save({"movement_encoder": Order()}, tmp_path / "finest.tar")
    with pytest.raises(InputError, match="without running code"):
        load(tmp_path)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_plain_pickles_are_read_as_pickle_reads_them(tmp_path, protocol):
    words = ["unk", "walk", "Größe", "walk", "x" * 300]
    (tmp_path / "words.pkl").write_bytes(pickle.dumps(words, protocol))
    assert plain_values(tmp_path / "words.pkl") == words
    rows = {word: row * 700 for row, word in enumerate(dict.fromkeys(words))}
    (tmp_path / "rows.pkl").write_bytes(pickle.dumps(rows, protocol))
    values = plain_values(tmp_path / "rows.pkl")
    assert dict(zip(values[::2], values[1::2], strict=True)) == rows


def test_code_in_a_pickle_of_words_is_refused_and_not_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "words.pkl").write_bytes(pickle.dumps(["walk", Order()]))
    with pytest.raises(InputError, match=r"words.pkl is '\w+', expected a pickle of nothing but strings"):
        plain_values(tmp_path / "words.pkl")
    (tmp_path / "words.pkl").write_bytes(b"no pickle")
    with pytest.raises(InputError, match="words of GloVe"):
        plain_values(tmp_path / "words.pkl")
    assert not (tmp_path / "ran").exists()


def test_a_word_without_a_row_is_refused(tmp_path):
    np.save(tmp_path / "our_vab_data.npy", np.zeros((2, 300)))
    (tmp_path / "our_vab_words.pkl").write_bytes(pickle.dumps(["unk", "walk"]))
    (tmp_path / "our_vab_idx.pkl").write_bytes(pickle.dumps({"unk": 0}))
    with pytest.raises(InputError, match=r"words of GloVe is 'walk', expected words that our_vab_idx.pkl"):
        Glove.load(tmp_path, tmp_path)


def test_the_first_tokens_of_a_caption_count_and_broken_lines_are_left_out(tmp_path):
    (tmp_path / "7.txt").write_text("a man sits#a/DET man/NOUN#0.0#0.0\na man\n\na man sits#a/DET#1.0#2.0\n")
    assert read_tokens(tmp_path) == {"a man sits": ("a/DET", "man/NOUN")}
    with pytest.raises(InputError, match="texts is"):
        read_tokens(tmp_path / "none")


def test_a_mirrored_caption_has_the_mirrored_words(essential):
    _, kinds = essential.words.sentence("a person walks to the right.")
    assert kinds.argmax(1).tolist() == [14, 2, 1, 12, 3, 2, 14, 14]  # `right` is no word of the test's GloVe


def test_kit_is_judged_in_its_millimetres(tmp_path):
    evaluator = load(files.make(tmp_path, files.match_parts(64), 64))
    clip = np.random.default_rng(0).standard_normal((24, 64)).astype(np.float32)
    features, _ = evaluator.motions.batch([clip])
    expected = (clip * ([1.0] + [1000.0] * 63) - np.load(tmp_path / "mean.npy")) / np.load(tmp_path / "std.npy")
    assert features[0, :24].numpy() == pytest.approx(expected, rel=1e-4, abs=1e-3)


def test_kits_classic_evaluator_is_refused(tmp_path):
    with pytest.raises(InputError, match='evaluator is "KIT-ML\'s on 251 features", expected the one on 64'):
        load(files.make(tmp_path, files.match_parts(247), 251))
