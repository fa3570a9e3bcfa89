"""Vectorizers: a text's tokens counted, and weighed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from exporter.errors import counted
from exporter.formats.sklearn.arrays import as_list, is_sparse, to_dense
from exporter.formats.sklearn.inert import Record
from exporter.formats.sklearn.lowering.builder import Block, Value, constants
from exporter.formats.sklearn.lowering.context import AGAIN, Context, Estimator
from exporter.formats.sklearn.lowering.scaling import FITTING
from exporter.ir.ops import Affine, CountTokens, HashTokens, NormalizeRow, Ufunc, Where

PATTERN = r"(?u)\b\w\w+\b"
MAX_WORDS = 2**18
MAX_HASHES = 2**20
SHARED = (
    "lowercase", "strip_accents", "stop_words", "analyzer", "ngram_range", "binary", "tokenizer",
    "preprocessor", "token_pattern", "input", "encoding",
)  # fmt: skip
COUNTED = {
    "decode_error": "texts of a database are Unicode",
    "max_df": FITTING,
    "min_df": FITTING,
    "max_features": FITTING,
    "vocabulary": FITTING,
    "dtype": "the same numbers in another type",
    "charset": FITTING,
    "charset_error": FITTING,
}


def read_options(context: Context) -> dict[str, Any]:
    """How a text is taken apart, as CountTokens and HashTokens have it."""
    context.choice(("content",), "input")
    context.param("encoding", default="utf-8")
    for name in ("tokenizer", "preprocessor"):
        if context.param(name, default=None) is not None:
            context.refuse(
                f"its {name} is a function of the model's author, which is never run",
                "Use the standard one, and do the rest in SQL.",
            )
    analyzer = context.param("analyzer")
    if analyzer not in ("word", "char", "char_wb"):
        context.refuse(
            "its analyzer is a function of the model's author, which is never run",
            "Use word, char or char_wb.",
        )
    if context.param("token_pattern") != PATTERN and analyzer == "word":
        context.refuse(
            f"its token_pattern {str(context.param('token_pattern'))[:40]!r} is not the standard"
            f" one, {PATTERN!r}",
            "Use the standard one, and do the rest in SQL.",
        )
    accents = context.choice((None, "ascii", "unicode"), "strip_accents")
    least, most = (int(n) for n in context.numbers_of(context.param("ngram_range"), "n", 2))
    if not 1 <= least <= most <= 20:
        context.refuse(f"its ngram_range is {(least, most)}", "Use 1 to 20 tokens.")
    context.param("stop_words", default=None)
    return {
        "lower": context.flag("lowercase"),
        "accents": accents or "",
        "analyzer": analyzer,
        "least": least,
        "most": most,
        "is_binary": context.flag("binary"),
    }


def _text(context: Context, block: Block) -> Value:
    """The only column, a text."""
    if block.width != 1:
        context.refuse(
            f"it takes one text, {counted(block.width, 'column')} reach it", "Give it one column."
        )
    return context.columns(block, [0], "text")


def count_tokens(context: Context, block: Block) -> Value:
    """How often each word of the vocabulary is in the text."""
    options = read_options(context)
    stop_words = _stop_words(context, options["most"]) if options["analyzer"] == "word" else ()
    op = CountTokens(_vocabulary(context), stop_words=stop_words, **options)
    context.builder.parameters += len(op.words)
    return context.add(op, _text(context, block), is_text=False)


def _vocabulary(context: Context) -> tuple[str, ...]:
    found = context.fitted("vocabulary_")
    if not isinstance(found, dict) or not found:
        context.refuse("its vocabulary_ is not in the file", AGAIN)
    if len(found) > MAX_WORDS:
        context.refuse(
            f"it has {len(found):,} words, the limit is {MAX_WORDS:,}", "Use max_features."
        )
    words: list[Any] = [None] * len(found)
    for word, place in found.items():
        if not isinstance(word, str) or not isinstance(place, (int, np.integer)):
            context.refuse("its vocabulary_ holds what is no word", AGAIN)
        if not 0 <= place < len(words) or words[place] is not None:
            context.refuse("its vocabulary_ has a place twice, or one too many", AGAIN)
        words[place] = str(word)
    return tuple(words)


def _stop_words(context: Context, most: int) -> tuple[str, ...]:
    """Words that are left out before n-grams are made; of single words they are not counted."""
    given = context.param("stop_words", default=None)
    if given is None:
        return ()
    found = sorted(given) if isinstance(given, (set, frozenset)) else as_list(given)
    if isinstance(given, str):
        if most == 1:
            return ()
        context.refuse(
            f"its stop_words are {given[:20]!r}, a list inside of scikit-learn, which n-grams need",
            "Give it the list: stop_words=list(ENGLISH_STOP_WORDS).",
        )
    if found is None or not all(isinstance(word, str) for word in found):
        context.refuse("its stop_words are no list of words", AGAIN)
    return tuple(map(str, found)) if most > 1 else ()


def count_vectorizer(context: Context, block: Block) -> Block:
    """How often each word is in the text, or whether it is."""
    return Block((count_tokens(context, block),))


def hashing_vectorizer(context: Context, block: Block) -> Block:
    """How often tokens of each hash are in the text, each row of length 1."""
    options = read_options(context)
    if context.flag("non_negative", default=False):
        context.refuse("it has non_negative", "Fit it with a newer scikit-learn.")
    size = int(context.number("n_features"))
    if not 1 <= size <= MAX_HASHES:
        context.refuse(f"it has {size:,} features", f"Use at most {MAX_HASHES:,}.")
    op = HashTokens(
        size=size,
        stop_words=_stop_words(context, 2) if options["analyzer"] == "word" else (),
        is_signed=context.flag("alternate_sign", default=True),
        **options,
    )
    y = context.add(op, _text(context, block), is_text=False)
    norm = context.choice((None, "l1", "l2"), "norm")
    return Block((y if norm is None else context.add(NormalizeRow(norm, 0.0), y),))


def _weigh(context: Context, counts: Value, frequencies: Any) -> Value:
    """Counts weighed by how rare the words are, each row of length 1."""
    y = counts
    if context.flag("sublinear_tf"):
        one = constants(np.ones(counts.width))
        y = context.add(Affine(one, one), context.add(Ufunc("log"), counts))
        y = context.add(Where(), counts, y, counts)  # a word that is not there stays 0
    if context.flag("use_idf"):
        if is_sparse(frequencies):
            frequencies = np.diagonal(to_dense(frequencies))
        weights = context.numbers_of(frequencies, "idf_", counts.width)
        context.builder.parameters += counts.width
        y = context.add(Affine(weights, constants(np.zeros(counts.width))), y)
    norm = context.choice((None, "l1", "l2"), "norm")
    return y if norm is None else context.add(NormalizeRow(norm, 0.0), y)


def tfidf_vectorizer(context: Context, block: Block) -> Block:
    """Counts of words weighed by how rare they are, each row of length 1."""
    inner = context.fitted("_tfidf")
    if not isinstance(inner, Record):
        context.refuse("its _tfidf is not in the file", AGAIN)
    weighing = replace(context, record=_with_weighing(context.record, inner))
    return Block((_weigh(weighing, count_vectorizer(context, block).parts[0], _rarity(inner)),))  # type: ignore[arg-type]


def _with_weighing(record: Record, inner: Record) -> Record:
    """A TfidfVectorizer with the parameters that it kept in its TfidfTransformer before 1.0."""
    kept = {name: inner.attributes[name] for name in WEIGHING if name in inner.attributes}
    return replace(record, state={**kept, **record.attributes})


def _rarity(record: Record) -> Any:
    """The weight of each word, under the names that it had over the versions."""
    found = record.attributes
    return found.get("idf_", found.get("_idf_diag"))


def tfidf_transformer(context: Context, block: Block) -> Block:
    """Counts of words weighed by how rare they are, each row of length 1."""
    return Block((_weigh(context, context.numbers(block), _rarity(context.record)),))


WEIGHING = ("norm", "use_idf", "sublinear_tf")
ESTIMATORS = {
    "CountVectorizer": Estimator(
        count_vectorizer, ("CountTokens",), SHARED, COUNTED,
        "word, char and char_wb, n-grams, binary; the standard token pattern",
    ),
    "TfidfVectorizer": Estimator(
        tfidf_vectorizer,
        ("CountTokens", "Affine", "NormalizeRow", "Ufunc", "Where"),
        (*SHARED, *WEIGHING),
        {**COUNTED, "smooth_idf": FITTING},
        "as CountVectorizer; norm, use_idf",
    ),
    "HashingVectorizer": Estimator(
        hashing_vectorizer,
        ("HashTokens", "NormalizeRow"),
        (*SHARED, "n_features", "norm", "alternate_sign", "non_negative"),
        COUNTED,
        f"as CountVectorizer; to {MAX_HASHES:,} features, and no 'english' stop words",
    ),
    "TfidfTransformer": Estimator(
        tfidf_transformer,
        ("Affine", "NormalizeRow", "Ufunc", "Where"),
        WEIGHING,
        {"smooth_idf": FITTING},
    ),
}  # fmt: skip
