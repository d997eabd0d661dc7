"""Published parameter counts, of networks without memory."""

import pytest

from backend.dicode import language
from backend.dicode import tokenizer as deep
from backend.generators import presets as generators
from backend.tokenizers import presets as tokenizers
from common.errors import InputError
from training import sizes


@pytest.mark.parametrize(
    ("name", "count"),
    [("AE_Model", 18_834_499), ("MARDM-SiT-XL", 290_816_512), ("MARDM-DDPM-XL", 290_816_512)],
)
def test_the_baseline_has_the_published_parameters(name, count):
    assert sizes.parameters(name) == count


def test_ours_beside_it_keep_their_own_names():
    assert sizes.parameters("IsoDiM_Tokenizer_Continuous") == 18_834_499 - 512 * (3 * 512 + 1)
    assert sizes.parameters("MARDM-SiT-XL-Fast") not in (0, 290_816_512)


def test_the_command_tells_every_model_of_the_tables(capsys):
    every = (*tokenizers.NAMES, *deep.SIZES, *generators.NAMES, *language.SIZES)
    names = [name for name in every if "XL" not in name and "-L" not in name]
    sizes.main(sizes.SizesSettings(tuple(names)))
    rows = dict(line.split() for line in capsys.readouterr().out.splitlines())
    assert list(rows) == names
    assert all(int(count.replace(",", "")) > 10_000 for count in rows.values())
    with pytest.raises(InputError, match="model is 'MARDM-XXXL', expected one of"):
        sizes.parameters("MARDM-XXXL")
