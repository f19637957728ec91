import tracemalloc

from hypothesis import given, settings
from hypothesis import strategies as st

from s2f_cli.core.disk_map import DiskMultimap

names = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("\udcff\udc80/"), max_size=6)


@settings(deadline=None)
@given(st.lists(st.tuples(names, names)))
def test_it_is_a_sorted_dict_of_lists(rows: list[tuple[str, str]]) -> None:
    shelf, wanted = DiskMultimap(), dict[str, list[str]]()
    for key, value in rows:
        shelf.add(key, value)
        wanted.setdefault(key, []).append(value)
    found = list(shelf)
    assert dict(found) == wanted and len(shelf) == len(found) == len(wanted)
    keys = [key.encode("utf-8", "surrogateescape") for key, _ in found]
    assert keys == sorted(keys)
    for key, values in wanted.items():
        assert key in shelf and shelf.get(key) == values[-1]
    assert "another key" not in shelf and shelf.get("another key", "none") == "none"


def test_rows_are_not_held() -> None:
    shelf = DiskMultimap()
    tracemalloc.start()
    for number in range(20_000):
        shelf.add(f"{number:08}", "value")
    assert sum(1 for _ in shelf) == 20_000
    held = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert held < 200_000
