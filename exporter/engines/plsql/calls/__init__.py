"""What each op is as a call of a routine: a module for each family of exporter/ir/ops."""

from __future__ import annotations

from exporter.engines.plsql.calls.activation import ACTIVATION
from exporter.engines.plsql.calls.attention import ATTENTION
from exporter.engines.plsql.calls.convolution import CONVOLUTION
from exporter.engines.plsql.calls.elementwise import ELEMENTWISE
from exporter.engines.plsql.calls.linear import LINEAR
from exporter.engines.plsql.calls.lookup import LOOKUP
from exporter.engines.plsql.calls.normalization import NORMALIZATION
from exporter.engines.plsql.calls.recurrent import RECURRENT
from exporter.engines.plsql.calls.reduction import REDUCTION
from exporter.engines.plsql.calls.shaping import SHAPING
from exporter.engines.plsql.calls.tabular import TABULAR
from exporter.engines.plsql.forward import Writers

WRITERS: Writers = {
    **ACTIVATION,
    **ATTENTION,
    **CONVOLUTION,
    **ELEMENTWISE,
    **LINEAR,
    **LOOKUP,
    **NORMALIZATION,
    **RECURRENT,
    **REDUCTION,
    **SHAPING,
    **TABULAR,
}
"""By the type of the op."""
