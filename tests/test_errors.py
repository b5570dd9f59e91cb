"""Numbers in messages can be read and copied."""

from __future__ import annotations

import re

import pytest
from soat.soat_backend.support.errors import SoatError, number_text, require_between


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (2**32 - 1, "4294967295"),
        (2**64 - 1, "18446744073709551615"),
        (1e6, "1000000"),
        (-3.0, "-3"),
        (0, "0"),
        (0.01, "0.01"),
        (1 / 3, "0.333333"),
        (float("inf"), "inf"),
        (float("nan"), "nan"),
    ],
)
def test_whole_numbers_are_in_full(value, text):
    assert number_text(value) == text


@pytest.mark.parametrize(("value", "shown"), [(2**64, str(2**64)), (10**400, str(10**400)), (float("nan"), "nan")])
def test_a_range_is_said_in_full(value, shown):
    expected = f"seed must be a number from 0 to 18446744073709551615, got {shown}."
    with pytest.raises(SoatError, match=f"^{re.escape(expected)}$"):
        require_between("seed", value, 0, 2**64 - 1)
