from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from s2f_cli.evaluation.matching import match

GEN, REF = Path("gen"), Path("ref")


def _match(generated, reference):
    return match(GEN, [GEN / name for name in generated], REF, [REF / name for name in reference])


def test_equal_stems_pair_with_any_suffix():
    matches = _match(["anna.png", "sub/bo.png"], ["anna.jpg", "sub/bo.webp"])
    assert matches.pairs == {
        "anna": (GEN / "anna.png", REF / "anna.jpg"),
        "sub/bo": (GEN / "sub/bo.png", REF / "sub/bo.webp"),
    }
    assert not matches.left_out


def test_the_ending_that_translate_adds_is_ignored():
    matches = _match(["anna.face.png"], ["anna.png"])
    assert matches.pairs == {"anna": (GEN / "anna.face.png", REF / "anna.png")}


def test_full_stems_take_precedence_over_bare_ones():
    matches = _match(["anna.face.png", "anna.png"], ["anna.face.png", "anna.png"])
    assert matches.pairs == {
        "anna": (GEN / "anna.png", REF / "anna.png"),
        "anna.face": (GEN / "anna.face.png", REF / "anna.face.png"),
    }


def test_part_of_a_name_does_not_match():
    matches = _match(["ann.png", "f1.png"], ["anna.png", "f10.png"])
    assert not matches.pairs
    assert len(matches.left_out) == 4


def test_an_ambiguous_name_is_left_out_on_both_sides():
    matches = _match(["anna.png", "anna.jpg"], ["anna.png"])
    assert not matches.pairs
    assert set(matches.left_out.values()) == {"several files have the same name, so its partner is ambiguous"}


def test_equal_stems_in_different_subfolders_are_different_people():
    matches = _match(["one/a.png", "two/a.png"], ["one/a.png", "two/a.png"])
    assert set(matches.pairs) == {"one/a", "two/a"}


def test_composed_and_decomposed_letters_are_equal():
    assert _match(["Zo\u00eb.png"], ["Zoe\u0308.png"]).pairs


NAMES = st.lists(
    st.sampled_from(["a", "b", "a.face", "a.sketch", "c.face"]).flatmap(
        lambda stem: st.sampled_from([f"{stem}.png", f"{stem}.jpg"])
    ),
    unique=True,
)


@given(NAMES, NAMES)
def test_every_file_is_in_one_pair_or_left_out(generated, reference):
    matches = _match(generated, reference)
    paired = [str(file) for pair in matches.pairs.values() for file in pair]
    assert sorted(paired + list(matches.left_out)) == sorted(
        [f"gen/{n}" for n in generated] + [f"ref/{n}" for n in reference]
    )


def test_case_and_words_are_ignored_where_one_file_can_be_meant():
    matches = _match(["Anna.png", "bo_photo.png"], ["anna.png", "BO-sketch.png"])
    assert set(matches.pairs.values()) == {
        (GEN / "Anna.png", REF / "anna.png"),
        (GEN / "bo_photo.png", REF / "BO-sketch.png"),
    }
    ambiguous = _match(["anna.png"], ["ANNA.png", "anna_sketch.png"])
    assert not ambiguous.pairs and len(ambiguous.left_out) == 3


def test_a_file_without_a_partner_names_the_nearest():
    left_out = _match(["marie1.png", "b.png"], ["sub/marie1.png", "b.png"]).left_out
    assert str(REF / "sub/marie1.png") in left_out[str(GEN / "marie1.png")]
    assert str(GEN / "marie1.png") in left_out[str(REF / "sub/marie1.png")]
