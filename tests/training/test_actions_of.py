"""The class of a caption, on sentences as people write them."""

import pytest

from training.data.actions_of import ACTIONS, OTHER, action_of


@pytest.mark.parametrize(
    ("captions", "action"),
    [
        (["a person walks forward", "someone is walking straight ahead"], "walk"),
        (["a person runs up and kicks a ball", "someone kicks", "a man runs"], "kick"),
        (["A person RUNS forward"], "run"),
        (["a person walks up three steps", "someone climbs a short flight of stairs and walks down"], "climb"),
        (["an energetic person lifts both arms up over the head"], "raise"),
        (["a person waves with both arms raised"], "wave"),
        (["a person walks, then makes a right turn"], "turn"),
        (["a person sits down on a chair and stands up"], "sit"),
        (["someone takes a seat, sits and then gets up"], "sit"),
        (["a person does jumping jacks"], "exercise"),
        (["a person jumps forward"], "jump"),
        (["someone throws punches"], "fight"),
        (["a person does a cartwheel"], "acrobatics"),
        (["a person crawls forward on the belly"], "floor"),
        (["a man dances salsa"], "dance"),
        (["a person bows politely"], "bow"),
        (["someone talks and gestures"], "gesture"),
        (["a person stands still"], "idle"),
        (["a person hovers"], OTHER),
        ([], OTHER),
    ],
)
def test_class_of_sentences(captions, action):
    assert action_of(captions) == action
    assert action in ACTIONS


def test_the_name_speaks_only_where_captions_are_silent():
    assert action_of(["a person is energetic"], "dataset-1_bow_active_001") == "bow"
    assert action_of(["a person walks"], "basketball_03") == "walk"


def test_most_captions_decide():
    assert action_of(["a person dances", "a person walks", "someone is walking"]) == "walk"
    assert action_of(["a person walks", "a person dances"]) == "dance"


def test_words_are_not_cut_out_of_other_words():
    assert action_of(["a person elbows someone"]) != "bow"
    assert action_of(["a person hurls a situation"]) != "sit"
