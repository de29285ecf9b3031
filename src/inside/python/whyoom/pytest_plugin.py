"""For pytest, which loads it where the package is installed by pip, else with `-p whyoom.pytest_plugin`.

Below a test that failed for want of memory stands the report. `--whyoom-margin PERCENT` warns of tests that came near it.
"""
import sys
from typing import Any, Iterator

import pytest

from . import explain, install
from ._margin import near, reset


def pytest_addoption(parser: Any) -> None:
    """Adds the option."""
    words = "warn of each test at whose peak less than so much of a GPU's memory was left"
    parser.getgroup("whyoom").addoption("--whyoom-margin", type=float, metavar="PERCENT", help=words)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_call(item: Any) -> Iterator[None]:
    """Takes a census if memory runs out, and looks at the peak of the test."""
    margin = item.config.getoption("--whyoom-margin")
    if "torch" in sys.modules:
        install(quiet=True)
    before = reset() if margin is not None else None
    yield
    for words in near(margin, before) if margin is not None else []:
        item.warn(pytest.PytestWarning(words))


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: Any, call: Any) -> Iterator[None]:
    """Puts the report below the test."""
    report = (yield).get_result()
    words = explain(call.excinfo.value) if report.failed and call.excinfo is not None else None
    if words:
        report.sections.append(("whyoom", words))
