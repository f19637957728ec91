import pytest
from PIL import Image

from s2f_cli.core import contact_sheet


def test_side_by_side_at_the_height_of_the_last() -> None:
    made = contact_sheet.beside([Image.new("L", (40, 20), 10), Image.new("L", (10, 10), 200)])
    assert (made.mode, made.size) == ("L", (20 + 4 + 10, 10))
    assert (made.getpixel((5, 5)), made.getpixel((22, 5)), made.getpixel((30, 5))) == (10, 255, 200)
    assert contact_sheet.beside([Image.new("L", (4, 4)), Image.new("RGB", (4, 4))]).mode == "RGB"


@pytest.mark.parametrize(
    ("rows", "columns", "wide"), [(1, 2, 2), (12, 2, 6), (50, 2, 12), (12, 4, 8), (3, 9, 9)]
)
def test_a_sheet_is_about_as_wide_as_high(rows: int, columns: int, wide: int) -> None:
    """Rows go down the page, then beside it."""
    grid = [[Image.new("L", (8, 8), row) for _ in range(columns)] for row in range(rows)]
    sheet = contact_sheet.sheet(grid, ["t"] * columns)
    assert sheet.width == wide * 12 + 4
    down = -(-rows // (wide // columns))
    assert sheet.height == down * 12 + 4 + 16
    assert sheet.getpixel((6, 24 + 12 * (down - 1))) == (down - 1,) * 3
    if rows > down:
        assert sheet.getpixel((6 + columns * 12, 24)) == (down,) * 3
