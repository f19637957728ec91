import pytest
from PIL import Image

from s2f_cli.core import contact_sheet


def test_images_side_by_side_have_the_height_of_the_last() -> None:
    row = contact_sheet.side_by_side([Image.new("L", (40, 20), 10), Image.new("L", (10, 10), 200)])
    assert (row.mode, row.size) == ("L", (20 + 4 + 10, 10))
    assert (row.getpixel((5, 5)), row.getpixel((22, 5)), row.getpixel((30, 5))) == (10, 255, 200)
    assert contact_sheet.side_by_side([Image.new("L", (4, 4)), Image.new("RGB", (4, 4))]).mode == "RGB"


def test_a_grid_has_room_for_all_images_and_a_line_of_titles() -> None:
    first, gray, small = Image.new("RGB", (40, 30), "red"), Image.new("L", (40, 30)), Image.new("L", (20, 20))
    grid = contact_sheet.grid([[first, gray], [small]], ["one", "two"])
    assert (grid.mode, grid.size) == ("RGB", (2 * 44 + 4, 2 * 34 + 4 + 16))
    assert grid.crop((4, 20, 44, 50)).tobytes() == first.tobytes()


@pytest.mark.parametrize(
    ("rows", "columns", "wide"), [(1, 2, 2), (12, 2, 6), (50, 2, 12), (12, 4, 8), (3, 9, 9)]
)
def test_a_sheet_has_about_the_shape_of_a_page(rows: int, columns: int, wide: int) -> None:
    """Rows go down the page, then continue in a further column."""
    images = [[Image.new("L", (8, 8), row) for _ in range(columns)] for row in range(rows)]
    sheet = contact_sheet.sheet(images, ["t"] * columns)
    assert sheet.width == wide * 12 + 4
    down = -(-rows // (wide // columns))
    assert sheet.height == down * 12 + 4 + 16
    assert sheet.getpixel((6, 24 + 12 * (down - 1))) == (down - 1,) * 3
    if rows > down:
        assert sheet.getpixel((6 + columns * 12, 24)) == (down,) * 3
