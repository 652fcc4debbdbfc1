"""A dbt project on a home whose lake is empty, built once for all tests of a module."""

from __future__ import annotations

import pytest
from dbt_project_runner import Project


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    with pytest.MonkeyPatch.context() as environment:
        yield Project(tmp_path_factory.mktemp("home"), environment)
