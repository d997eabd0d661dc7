import pytest

from backend.generators.sampling import Sampling, changed, read
from common.errors import InputError
from common.wire.messages import Generate


def test_a_checkpoint_names_what_it_wants_and_the_rest_stays():
    assert read({"steps": 8, "guidance": 3.0}) == Sampling(steps=8, guidance=3.0)
    assert read({}) == Sampling()


@pytest.mark.parametrize(
    "entries, sentence",
    [
        ({"stepps": 8}, "sampling is 'stepps', expected one of steps, guidance, mar_steps"),
        ({"steps": 0}, "sampling: steps is 0, expected a whole number from 1"),
        ({"guidance": float("nan")}, "sampling: guidance is nan"),
        ({"solver": "rk4"}, "sampling: solver is 'rk4', expected one of euler, heun"),
        ({"snap": None}, "sampling: snap is None, expected one of step, end, never"),
    ],
)
def test_wrong_entries_are_one_sentence(entries, sentence):
    with pytest.raises(InputError, match=sentence):
        read(entries)


def test_a_request_changes_what_it_names():
    asked = Generate("walk", steps=2, snap="never")
    assert changed(Sampling(guidance=4.0), asked) == Sampling(guidance=4.0, steps=2, snap="never")
    assert changed(Sampling(guidance=4.0), Generate("walk", guidance=0.0)).guidance == 0.0


def test_settings_of_published_checkpoints_are_read_under_either_name():
    assert read({"reveal_only": False}) == read({"only_unmasked": False}) == Sampling(only_unmasked=False)
    with pytest.raises(InputError, match="sampling is 'reveal', expected one of steps"):
        read({"reveal": True})
