"""Broken variants of a generated script, each by one fault: all must be refused.

SYNTAX faults break the independent grammar, CHECK faults are for whoever knows names and types,
VALUE faults run and score wrong: only an execution finds them, by the lengths that UTL_NLA demands,
by the weights' digest or by the stored samples.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

SYNTAX, CHECK, VALUE = "syntax", "check", "value"


@dataclass(frozen=True)
class Mutant:
    """A fault: the first match of the pattern, replaced."""

    name: str
    kind: str
    pattern: str
    replacement: str

    def apply(self, text: str) -> str:
        """The broken script.

        Raises: ValueError, when the pattern does not occur, or nothing changes.
        """
        broken, count = re.subn(self.pattern, self.replacement, text, count=1)
        if count != 1 or broken == text:
            raise ValueError(f'"{self.name}" does not apply: {self.pattern}')
        return broken


def _mutants(kind: str, *rows: tuple[str, str, str]) -> list[Mutant]:
    return [Mutant(name, kind, pattern, replacement) for name, pattern, replacement in rows]


MUTANTS = [
    *_mutants(
        SYNTAX,
        ("a semicolon is missing after end if", r"end if;(\n    for r in)", r"end if\1"),
        ("endif in one word", r"end if;(\n  select count\(\*\) into l_new)", r"endif;\1"),
        ("= instead of :=", r"g_is_loaded := true", "g_is_loaded = true"),
        (":= instead of =", r"if l_found = 0 then", "if l_found := 0 then"),
        ("then is missing", r"if g_is_loaded then", "if g_is_loaded"),
        ("loop is missing", r"(for i in 1 \.\. p_ids\.count) loop", r"\1"),
        ("end loop is missing", r"end loop;(\n    if l_count)", r"\1"),
        (
            "a parenthesis is not closed",
            r"gc_batch;\n    if p_ids\.count = 0",
            "(gc_batch;\n if 1=0",
        ),
        ("a parenthesis is not opened", r"forward\(p_x, 1, l_y\)", "forward p_x, 1, l_y)"),
        ("is is missing", r"procedure load_weights is", "procedure load_weights"),
        ("begin is missing", r"begin\n    load_weights;", "    load_weights;"),
        ("end is missing", r"  end load_weights;\n", "\n"),
        ("a quote is not closed", r"'dense_0_input'", "'dense_0_input"),
        ("a comma too many", r"p_rows in pls_integer,", "p_rows in pls_integer,,"),
        ("a comma is missing", r"g_kernel_1, g_bias_1", "g_kernel_1 g_bias_1"),
        ("an operator is missing", r"p_ids\.count \* 3", "p_ids.count 3"),
        ("limit without number", r"limit gc_batch;", "limit;"),
        ("a keyword twice", r"bulk collect into", "bulk bulk collect into"),
        ("a comment is not closed", r"-- The network, for a batch", "/* The network, for a batch"),
        ("values without parenthesis", r"values \('fraud'", "values 'fraud'"),
        ("where without condition", r"where version = gc_version order", "where order"),
        ("a number with two points", r"gc_tolerance constant binary_double := 1", r"\g<0>.5.5"),
        ("the end is named otherwise", r"end load_weights;", "end load_weight s;"),
    ),
    *_mutants(
        CHECK,
        ("return without type", r"return varchar2 deterministic", "return deterministic"),
        ("a parameter without type", r"b in binary_double,", "b in,"),
        ("a reserved word is a name", r"l_row utl_nla_array_flt", "begin utl_nla_array_flt"),
        (
            "a type with a length as parameter",
            r"p_privilege varchar2\)",
            "p_privilege varchar2(30))",
        ),
        ("an unknown type", r"l_x1 nn_runtime_\w+\.t_column", "l_x1 t_columns"),
        ("an unknown variable", r"put_row\(l_row, l_count", "put_row(l_rows, l_count"),
        ("an unknown function", r"\.put_row\(l_row", ".set_row(l_row"),
        ("an argument too many", r"\.softmax\(l_2, 2\)", ".softmax(l_2, 2, 3, 4, 5)"),
        ("an argument too few", r"forward\(p_x, 1, l_y\)", "forward(p_x, 1)"),
        ("an unknown named argument", r"\.softmax\(l_2, 2\)", ".softmax(l_2, p_lengths => 2)"),
        (
            "a header differs from the specification",
            r"(package body fraud_[\s\S]*?)b in binary_double",
            r"\1d in binary_double",
        ),
        (
            "a function of the specification is missing",
            r"\n  procedure verify is[\s\S]*?\n  end verify;",
            "",
        ),
        ("a constant is assigned", r"g_is_loaded := true;", "gc_batch := 1;"),
        ("a parameter of mode in is assigned", r"p_y := l_2;", "p_x := l_2;"),
        ("a name is declared twice", r"(    l_row utl_nla_array_flt;)", r"\1\n\1"),
        ("an array is assigned a number", r"g_bias_1 := l_parts\(1\)", "g_bias_1 := 1"),
        (
            "pipe row in a function that is not",
            r"return l_y;(\n  end score;)",
            r"pipe row (l_y);\1",
        ),
        ("exit outside of a loop", r"g_is_loaded := true;", "exit;"),
        ("an exception that nobody declared", r"g_is_loaded := true;", "raise ex_unknown;"),
        ("an unknown column", r"select part, numbers,", "select part, amount,"),
        ("a value too few", r"values \('fraud', 'FRAUD'\)", "values ('fraud')"),
        (
            "too few variables for the columns",
            r"select count\(\*\) into l_found",
            "select count(*), 1 into l_found",
        ),
        (
            "a missing table",
            r"from export_model_weights\n      where",
            "from export_model_weight\n where",
        ),
    ),
    *_mutants(
        VALUE,
        (
            "the kernel is transposed",
            r"'N', 'N', p_units, p_rows, p_inputs",
            "'T', 'N', p_units, p_rows, p_inputs",
        ),
        (
            "the rows are transposed",
            r"'N', 'N', p_units, p_rows, p_inputs",
            "'N', 'T', p_units, p_rows, p_inputs",
        ),
        (
            "m and n are swapped",
            r"'N', 'N', p_units, p_rows, p_inputs",
            "'N', 'N', p_rows, p_units, p_inputs",
        ),
        (
            "k is one too small",
            r"p_units, p_rows, p_inputs, 1f",
            "p_units, p_rows, p_inputs - 1, 1f",
        ),
        (
            "k is the number of units",
            r"p_units, p_rows, p_inputs, 1f",
            "p_units, p_rows, p_units, 1f",
        ),
        (
            "lda is that of a row",
            r"p_kernel\(1\), p_units, p_x, p_inputs",
            "p_kernel(1), p_inputs, p_x, p_inputs",
        ),
        (
            "ldb is that of a column",
            r"p_kernel\(1\), p_units, p_x, p_inputs",
            "p_kernel(1), p_units, p_x, p_units",
        ),
        (
            "ldc is that of the input",
            r"1f, p_y, p_units\n      \);\n      return",
            "1f, p_y, p_inputs\n      );\n      return",
        ),
        (
            "beta is 0: the bias is lost",
            r"1f, p_y, p_units\n      \);\n      return",
            "0f, p_y, p_units\n      );\n      return",
        ),
        ("alpha is negative", r"p_units, p_rows, p_inputs, 1f", "p_units, p_rows, p_inputs, -1f"),
        ("an activation is left out", r"nn_runtime_\w+\.activation\(l_1, 'relu'\);", "null;"),
        ("another activation", r"'relu'\)", "'sigmoid')"),
        ("the bias of another layer", r"2, g_kernel_2, g_bias_2", "2, g_kernel_2, g_bias_1"),
        ("softmax over half of the row", r"\.softmax\(l_2, 2\)", ".softmax(l_2, 1)"),
        (
            "a part is loaded as another",
            r"g_kernel_1\(1\) := l_parts\(0\)",
            "g_kernel_1(1) := l_parts(2)",
        ),
        ("parts are counted off by one", r"g_bias_2 := l_parts\(3\)", "g_bias_2 := l_parts(4)"),
        (
            "a weight with its sign lost",
            r"utl_nla_array_flt\(-?(0\.\d+)f",
            r"utl_nla_array_flt(2\1f",
        ),
        (
            "a weight is cut to five digits",
            r"(l_data := utl_nla_array_flt\(-?0\.\d{5})\d+f",
            r"\1f",
        ),
        (
            "two weights are exchanged",
            r"(l_data := utl_nla_array_flt\()(-?[\d.e-]+f), (-?[\d.e-]+f)",
            r"\1\3, \2",
        ),
        ("a weight is missing", r"(l_data := utl_nla_array_flt\()-?[\d.e-]+f, ", r"\1"),
        (
            "a part is missing",
            r"(export_model_weights\n[^\n]*part = 1;\n  if l_found) = 0",
            r"\1 = 9",
        ),
    ),
]
