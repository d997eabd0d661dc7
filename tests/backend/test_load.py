import json

import pytest

from backend.weights.load import load
from contract.errors import InputError
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
        ({"tokenizer": {"name": "IsoDiM_Tokenizer_Small", "depth": 3}}, "expected the settings that this version"),
        ({"length": None}, "config.json: length is None"),
    ],
)
def test_configs_of_other_versions_are_one_sentence(tmp_path, change, sentence):
    folder = make_checkpoint(tmp_path / "tiny")
    config = json.loads((folder / "config.json").read_text()) | change
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(InputError, match=sentence):
        load(folder, "cpu")
