from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from s2f_cli.evaluation.matching import match

GEN, REF = Path("gen"), Path("ref")


def _match(generated, reference):
    return match(GEN, [GEN / name for name in generated], REF, [REF / name for name in reference])


def test_equal_stems_pair_whatever_the_suffix():
    found = _match(["anna.png", "sub/bo.png"], ["anna.jpg", "sub/bo.webp"])
    assert found.pairs == {
        "anna": (GEN / "anna.png", REF / "anna.jpg"),
        "sub/bo": (GEN / "sub/bo.png", REF / "sub/bo.webp"),
    }
    assert not found.left_out


def test_the_ending_of_translate_is_passed_over():
    found = _match(["anna.face.png"], ["anna.png"])
    assert found.pairs == {"anna": (GEN / "anna.face.png", REF / "anna.png")}


def test_a_full_stem_goes_before_a_bare_one():
    found = _match(["anna.face.png", "anna.png"], ["anna.face.png", "anna.png"])
    assert found.pairs == {
        "anna": (GEN / "anna.png", REF / "anna.png"),
        "anna.face": (GEN / "anna.face.png", REF / "anna.face.png"),
    }


def test_part_of_a_name_is_no_match():
    found = _match(["ann.png", "f1.png"], ["anna.png", "f10.png"])
    assert not found.pairs
    assert len(found.left_out) == 4


def test_a_name_that_two_files_have_is_left_out_on_both_sides():
    found = _match(["anna.png", "anna.jpg"], ["anna.png"])
    assert not found.pairs
    assert set(found.left_out.values()) == {"several files have its name, so its partner is ambiguous"}


def test_equal_stems_in_other_folders_are_other_people():
    found = _match(["one/a.png", "two/a.png"], ["one/a.png", "two/a.png"])
    assert set(found.pairs) == {"one/a", "two/a"}


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
    found = _match(generated, reference)
    paired = [str(file) for pair in found.pairs.values() for file in pair]
    assert sorted(paired + list(found.left_out)) == sorted(
        [f"gen/{n}" for n in generated] + [f"ref/{n}" for n in reference]
    )
