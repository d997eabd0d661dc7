"""Lists of clips: what is read, what is refused with its line, and what counts as made."""

from __future__ import annotations

import dataclasses

import pytest

from common.errors import InputError
from common.wire import batch
from common.wire.requests import Generate


@pytest.fixture
def listed(tmp_path):
    """listed(text, name) -> the list of a file with that text, or those bytes."""

    def read(content, name="list.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return batch.read(path)

    return read


def test_a_text_is_a_prompt_a_line(listed):
    rows = listed("a person walks\r\n\r\n  they wave, twice  \n", "list.txt").rows
    assert [(row.line, row.prompt, row.name) for row in rows] == [
        (1, "a person walks", "a_person_walks"),
        (3, "they wave, twice", "they_wave_twice"),
    ]
    assert [row.request({"seed": 4}) for row in rows] == [
        Generate("a person walks", seed=4),
        Generate("they wave, twice", seed=4),
    ]


def test_a_table_has_columns_in_any_order_and_empty_cells(listed):
    text = '\ufeffname,prompt,variations,Seconds,seed\nhero,"walks, then sits",3,2.5,7\n,jumps\n,jumps,,auto,\n'
    first, second, third = listed(text).rows
    assert first.request({"seed": 1, "steps": 4}) == Generate("walks, then sits", 2.5, 3, seed=7, steps=4)
    assert first.clips == ("hero_1", "hero_2", "hero_3")
    assert (second.name, third.name) == ("jumps", "jumps_2")
    assert second.request({"seed": 1}) == third.request({"seed": 1}) == Generate("jumps", seed=1)


def test_a_quoted_line_break_counts_as_a_line(listed):
    assert [row.line for row in listed('prompt\n"walks\nand waves"\nsits\n').rows] == [3, 4]


@pytest.mark.parametrize(
    ("line", "part"),
    [
        (",,,,", None),
        ("walks,0.5,,,", "seconds is 0.5"),
        ("walks,nan,,,", "seconds is nan"),
        ("walks,long,,,", "seconds is 'long'"),
        ("walks,,-1,,", "seed is -1"),
        ("walks,,1.5,,", "seed is 1.5"),
        ("walks,,,0,", "variations is 0, expected a whole number from 1 to 16"),
        ("walks,,,,../up", "name is '../up'"),
        ("walks,,,,con", "name is 'con'"),
        ("walks,,,,ends.", "name is 'ends.'"),
        ("walks,,,,FINE", "name is 'FINE', expected one that no other row has"),
        ("walks,,,,,more", "cells is 6, expected at most 5"),
        ("x" * 501 + ",,,,", "prompt is"),
    ],
)
def test_a_wrong_row_is_named_by_its_line_and_the_others_stay(listed, line, part):
    found = listed(f"prompt,seconds,seed,variations,name\nsits,,,,fine\n{line}\nruns,,,,\n")
    assert [row.prompt for row in found.rows] == ["sits", "runs"]
    assert len(found.problems) == (part is not None)
    for problem in found.problems:
        assert problem.startswith("list.csv, line 3: ") and part in problem and "\n" not in problem


@pytest.mark.parametrize(
    ("content", "part"),
    [
        ("", "expected at least one prompt"),
        ("seconds,seed\n1,2\n", "line 1: columns is 'seconds, seed', expected a column named prompt"),
        ("prompt,speed\nwalks,1\n", "line 1: column is 'speed'"),
        ("prompt,prompt\nwalks,runs\n", "each at most once"),
        (b"prompt\nsits\nl\xe4uft\n", "line 3 is b'\\xe4', expected text in UTF-8"),
        ('prompt\n"walks" on\n', "line 2 is"),
    ],
)
def test_what_is_no_list_is_refused(listed, content, part):
    with pytest.raises(InputError) as error:
        listed(content)
    assert part in str(error.value)


def test_a_missing_list_is_refused(tmp_path):
    with pytest.raises(InputError, match="readable file"):
        batch.read(tmp_path / "none.csv")


def test_names_never_meet(listed):
    rows = listed("prompt,variations,name\nwalks,2,a\nruns,,a_1\nsits,,\nsits,3,\n")
    names = [name for row in rows.rows for name in row.clips]
    assert len({name.casefold() for name in names}) == len(names) == 6
    assert len(rows.problems) == 1


@pytest.mark.parametrize("prompt", ["人が歩く", "🏃", "con", "a" * 400, "läuft!"])
def test_every_prompt_has_a_name_that_a_name_may_be(prompt):
    assert batch._given_name(batch.slug(prompt)) == batch.slug(prompt)


def test_a_fingerprint_tells_all_settings_apart():
    plain = Generate("walks", 2.0, seed=1)
    others = [
        dataclasses.replace(plain, **change)
        for change in (
            {"prompt": "runs"},
            {"seconds": None},
            {"seed": 2},
            {"count": 2},
            {"steps": 5},
            {"guidance": 2.0},
        )
    ]
    marks = [batch.fingerprint(request) for request in (plain, *others)] + [batch.fingerprint(plain, format="fbx")]
    assert len(set(marks)) == len(marks)
    assert batch.fingerprint(plain) == marks[0]


def test_a_ledger_wants_the_file_and_its_settings(tmp_path):
    folder = tmp_path / "out"
    ledger = batch.Ledger(folder)
    ledger.note("a.npz", "1")
    assert not ledger.has("a.npz", "1"), "the file is not there"
    (folder / "a.npz").write_bytes(b"clip")
    again = batch.Ledger(folder)
    assert again.has("a.npz", "1")
    assert not again.has("a.npz", "2")
    (folder / batch.LEDGER).write_text('{"a.npz": "1"')
    assert not batch.Ledger(folder).has("a.npz", "1")


def test_a_folder_that_cannot_be_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    for folder in (tmp_path / "file", tmp_path / "no" / "parent"):
        with pytest.raises(InputError, match="output folder"):
            batch.Ledger(folder)
