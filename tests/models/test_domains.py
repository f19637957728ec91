import pytest

from s2f_cli.core.errors import ImageError
from s2f_cli.models.domains import as_domain, other


def test_each_domain_has_an_opposite() -> None:
    assert (other("face"), other("sketch")) == ("sketch", "face")
    assert as_domain("face") == "face"
    with pytest.raises(ImageError, match="'photo'"):
        as_domain("photo")
