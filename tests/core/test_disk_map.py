import tracemalloc

from hypothesis import given, settings
from hypothesis import strategies as st

from s2f_cli.core.disk_map import DiskMultimap

names = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("\udcff\udc80/"), max_size=6)


@settings(deadline=None)
@given(st.lists(st.tuples(names, names)))
def test_it_behaves_like_a_sorted_dict_of_lists(rows: list[tuple[str, str]]) -> None:
    multimap, expected = DiskMultimap(), dict[str, list[str]]()
    for key, value in rows:
        multimap.add(key, value)
        expected.setdefault(key, []).append(value)
    content = list(multimap)
    assert dict(content) == expected and len(multimap) == len(content) == len(expected)
    keys = [key.encode("utf-8", "surrogateescape") for key, _ in content]
    assert keys == sorted(keys)
    for key, values in expected.items():
        assert key in multimap and multimap.get(key) == values[-1]
    assert "another key" not in multimap and multimap.get("another key", "none") == "none"


def test_rows_are_not_held_in_memory() -> None:
    multimap = DiskMultimap()
    tracemalloc.start()
    for number in range(20_000):
        multimap.add(f"{number:08}", "value")
    assert sum(1 for _ in multimap) == 20_000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 200_000
