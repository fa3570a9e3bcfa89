"""Versions of deployed models: a file gives the same one under every exporter."""

from __future__ import annotations

from pathlib import Path

import pytest

from exporter.formats import read
from exporter.ir.passes import simplify
from exporter.ir.plan import Signature, plan_graph

ROOT = Path(__file__).parents[2]

# Given before values had types, ops traits and weights names. They may not change: scores
# are kept under them, and a model is scored anew where its version is another.
VERSIONS = {
    "examples/digits/digits.h5": (
        "ff31be86227b3b580e6e3ce193804ce2b9222480a67547321b01802a55b887b3"
    ),
    "examples/digits/digits.keras": (
        "ff31be86227b3b580e6e3ce193804ce2b9222480a67547321b01802a55b887b3"
    ),
    "examples/forecast/forecast.keras": (
        "f4fe6cb7fc0b3fc46f0f178b29b56f2cb3a4f715e351259546df17d5712856ca"
    ),
    "examples/images/images.h5": (
        "8ea999cbfc1168a39c9518f2f97ba38a7ff5cea0d9d69ca780b8c74830ee47f8"
    ),
    "examples/machine/machine.keras": (
        "f5fbbbe3bc499e8bccb06351143d639e12f93f6f331f9d3207d323052786357d"
    ),
    "examples/particles/inclusive.keras": (
        "da3f6cd89e1345a96e583d5cbfe8433e1d71da4a174c33559de54610178f3e6f"
    ),
    "examples/particles/particle_sequence.keras": (
        "c78504eccdc310fcdc273960e6efdd81b56c5ce271de7f478729041dc5e62c96"
    ),
    "examples/reviews/reviews.keras": (
        "38430c2e7c55045feab152b8dcc091a99d4d01d106424c120cc5cab8f6725796"
    ),
    "tests/data/particle.h5": ("3955560b884d03b25ed94cf4b9ca068a1cb5859c127b5b4c577c15ee322dcfc5"),
    "tests/data/particle.keras": (
        "3955560b884d03b25ed94cf4b9ca068a1cb5859c127b5b4c577c15ee322dcfc5"
    ),
    "tests/data/several_outputs.h5": (
        "46dad0efe7fb992b741a6bc3a740a9bfc4b838d02d785483aee5c6d168e9f795"
    ),
    "tests/data/several_outputs.keras": (
        "46dad0efe7fb992b741a6bc3a740a9bfc4b838d02d785483aee5c6d168e9f795"
    ),
    "tests/data/shared_model.h5": (
        "e10c38b40b93b5739d4b60fe745e597af1504bbd82c4db93f7a84907f005051a"
    ),
    "tests/data/shared_model.keras": (
        "e10c38b40b93b5739d4b60fe745e597af1504bbd82c4db93f7a84907f005051a"
    ),
}


@pytest.mark.parametrize("path", VERSIONS)
def test_a_file_has_the_version_that_it_always_had(path: str) -> None:
    plan = plan_graph(simplify(read(ROOT / path)), Signature("m"))
    assert plan.version == VERSIONS[path]
