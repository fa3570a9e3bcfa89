"""Greenplum 6 and 7: what differs from PostgreSQL when a model must score on every segment."""

from __future__ import annotations

import hashlib
from typing import Any

from exporter.errors import SignatureError
from exporter.ir.graph import Graph
from exporter.ir.plan import Plan, Signature
from exporter.payload import Samples
from exporter.sql.script import Script
from exporter.sql.text import Sql, ident
from exporter.targets.postgres import CALLER_HELPERS, SHORT, Compiler, check_names

GENERATIONS = (6, 7)
REPLICATED = ("models", "versions", "tensors", "chunks", "samples", "objects")
FROM_CURSORS = (
    "gather_query", "give_query", "choose_blocks", "fetch_batch", "store_scores", "score_blocks",
    "score_fetched", "rows_query",
)  # fmt: skip
ON_SEGMENTS = ("score_group", "group_query", "score_part", "count_parts")
SERVER_DIGITS = 32  # hex digits of a version in the names of what holds its weights


def compile_script(
    graph: Graph, plan: Plan, signature: Signature, samples: Samples, generation: int = 7
) -> Script:
    """All statements that deploy this version under signature.name.

    Raises: SqlTextError or SignatureError, when a name cannot be used in Greenplum.
    """
    check_names(graph, signature)
    if signature.name.startswith("gp_"):
        raise SignatureError(
            f'the name "{signature.name}" belongs to Greenplum; choose another with --name.'
        )
    return GreenplumCompiler(graph, plan, signature, samples, generation).compile()


class GreenplumCompiler(Compiler):
    """The registry lies in replicated tables, functions read their weights from the catalog."""

    templates = ("greenplum", "postgres")
    helpers = (*[name for name in CALLER_HELPERS if name not in FROM_CURSORS], *ON_SEGMENTS)

    def __init__(
        self,
        graph: Graph,
        plan: Plan,
        signature: Signature,
        samples: Samples,
        generation: int,
    ) -> None:
        super().__init__(graph, plan, signature, samples)
        self.generation = generation

    def _render(self, template: str, variables: dict[str, Any]) -> Sql:
        sql = super()._render(template, variables)
        if template in [f"registry_{table}" for table in REPLICATED]:
            return Sql(f"{sql}\ndistributed replicated")
        if template in self.helpers and not template.startswith("score_into"):
            # GPORCA of 7.0.0-beta crashes on a function WITH ORDINALITY in FROM; the helpers ask
            # the catalog, where it has nothing to gain.
            header, start, text = sql.partition("\nas $")
            return Sql(f"{header}\nset optimizer = off{start}{text}")
        return sql

    def _prepare(self) -> None:
        self._add("check the cluster", "check_cluster", generation=self.generation)
        super()._prepare()

    def _functions(self) -> None:
        wrapper = "export_model_" + hashlib.sha256(self.model.encode()).hexdigest()[:SHORT]
        self._add(
            "what holds weights for functions",
            "wrapper",
            wrapper=wrapper,
            summary=f"export-model: weights of model {self.model}",
        )
        self._add(
            "weights: where functions read them",
            "copy_weights",
            version=self.plan.version,
            servers=f"export_model_{self.plan.version[:SERVER_DIGITS]}_",
            wrapper=wrapper,
        )
        self.objects.append(("wrapper", ident(wrapper), ""))
        super()._functions()
        for part in ("difference", "difference_protect"):
            self._add(f"verify: {part}", part, model=self.model)
        identity = Sql(f"{ident(self.model)}.{ident('difference')}(real[], real[])")
        self.objects.append(("function", identity, "double precision"))
