"""What a value of the graph is in PL/SQL, by its dtype."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from exporter.databases.oracle.text import ident
from exporter.engines.plsql.runtime import (
    DOUBLE,
    RUNTIME,
    TABLES,
    Package,
    in_runtime,
    runtime_units,
)
from exporter.ir.ops import Dtype
from exporter.sql.text import Sql

NO_NAME = Sql("")


@dataclass(frozen=True)
class Kind:
    """The type of variables, the package with the routines that give it, what such variables are
    called, and the type of one element; the table of samples, the type that they have there and the
    function that reads one. For numbers also numpy's type of them, the table of weights, and the
    variable that those are read into."""

    array: Sql
    package: Package
    prefix: str
    element: Sql
    samples: Sql
    stored: Sql
    sample: Sql
    number: Any = None
    weights: Sql = NO_NAME
    parts: Sql = NO_NAME


@cache
def kind_of(dtype: Dtype) -> Kind:
    """A flat array of all rows, row after row; a text that is missing is NULL, a number NaN."""
    if dtype == "float32":
        return Kind(
            array=Sql("utl_nla_array_flt"),
            package=RUNTIME,
            prefix="l_",
            element=Sql("binary_float"),
            samples=Sql("export_model_samples"),
            stored=Sql("utl_nla_array_flt"),
            sample=Sql("sample_numbers"),
            number=np.float32,
            weights=Sql("export_model_weights"),
            parts=Sql("l_parts"),
        )
    if dtype == "float64":
        return Kind(
            array=Sql("utl_nla_array_dbl"),
            package=DOUBLE,
            prefix="l_double_",
            element=Sql("binary_double"),
            samples=Sql("export_model_samples_double"),
            stored=Sql("utl_nla_array_dbl"),
            sample=Sql("sample_doubles"),
            number=np.float64,
            weights=Sql("export_model_weights_double"),
            parts=Sql("l_doubles"),
        )
    return Kind(
        array=in_runtime("t_texts", TABLES),
        package=TABLES,
        prefix="l_texts_",
        element=Sql("varchar2"),
        samples=Sql("export_model_samples_text"),
        stored=Sql("sys.odcivarchar2list"),
        sample=Sql("sample_texts"),
    )


def other_kind(kind: Kind) -> Kind:
    """Numbers of the other type, which functions take as well; texts are texts."""
    others: dict[Kind, Dtype] = {kind_of("float32"): "float64", kind_of("float64"): "float32"}
    return kind_of(others.get(kind, "text"))


def package_of(kind: Kind) -> Sql:
    """The package of the runtime for a kind of values."""
    return ident(runtime_units(kind.package).name)
