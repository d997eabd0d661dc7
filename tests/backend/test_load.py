import json
import resource

import pytest
from safetensors.torch import load_file, save_file

from backend.weights.load import load
from common.errors import InputError
from tests.tiny import make_checkpoint


def test_tensors_that_do_not_fit_the_config_are_named(tmp_path):
    folder = make_checkpoint(tmp_path / "tiny")
    config = json.loads((folder / "config.json").read_text())
    config["tokenizer"]["width"] = 24
    (folder / "config.json").write_text(json.dumps(config))
    sentence = r"tokenizer.decoder.0.bias is \(16,\), expected \(24,\), as config.json says"
    with pytest.raises(InputError, match=sentence):
        load(folder, "cpu")


@pytest.mark.parametrize(
    "change, sentence",
    [
        ({"generator": {"name": "Huge", "output": "grid"}}, "model is 'Huge', expected one of IsoDiM-DiT-XXS"),
        ({"tokenizer": {"name": "IsoDiM_Tokenizer_Small", "stages": 3}}, "expected the settings that this version"),
        ({"length": None}, "config.json: length is None"),
    ],
)
def test_configs_of_other_versions_are_one_sentence(tmp_path, change, sentence):
    folder = make_checkpoint(tmp_path / "tiny")
    config = json.loads((folder / "config.json").read_text()) | change
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(InputError, match=sentence):
        load(folder, "cpu")


def changed_config(tmp_path, **change):
    folder = make_checkpoint(tmp_path / "tiny")
    config = json.loads((folder / "config.json").read_text())
    for part, values in change.items():
        config[part] |= values
    (folder / "config.json").write_text(json.dumps(config))
    return folder


@pytest.mark.parametrize("width", [10**9, -1, 1.5, True, [16], None])
def test_sizes_beyond_reason_are_refused_by_name(tmp_path, width):
    folder = changed_config(tmp_path, tokenizer={"width": width})
    with pytest.raises(InputError, match=r"config.json"):
        load(folder, "cpu")


def test_networks_larger_than_their_file_are_never_allocated(tmp_path, monkeypatch):
    folder = changed_config(tmp_path, tokenizer={"width": 8192}, length={"width": 8192})
    made = []
    monkeypatch.setattr("backend.weights.load.load_file", made.append)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(InputError, match=r"as config\.json says"):
        load(folder, "cpu")
    assert made == []
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200 * 1024  # KiB; such networks have 10 GB


@pytest.mark.parametrize(
    "data",
    [b"", b"\0" * 100, (2**40).to_bytes(8, "little") + b"{}", (20).to_bytes(8, "little") + b'{"a":{"dtype":"F16"}'],
)
def test_what_is_no_safetensors_file_is_refused(tmp_path, data):
    folder = make_checkpoint(tmp_path / "tiny")
    (folder / "model.safetensors").write_bytes(data)
    with pytest.raises(InputError, match="an undamaged safetensors file"):
        load(folder, "cpu")


def test_other_types_of_numbers_are_refused_before_they_are_read(tmp_path):
    folder = make_checkpoint(tmp_path / "tiny")
    tensors = load_file(folder / "model.safetensors")
    tensors["length.weight.bias"] = tensors["length.weight.bias"].double()
    save_file(tensors, folder / "model.safetensors")
    with pytest.raises(InputError, match=r"length\.weight\.bias is 'F64', expected one of F16"):
        load(folder, "cpu")
