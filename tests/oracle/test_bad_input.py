"""What a user may do wrong, and what may go wrong under a user."""

from __future__ import annotations

import math

import numpy as np
import pytest
from plsql.machine import Cursor
from tolerances import PLSQL, check_close

from exporter.ir.ops import Activation, Embedding, Reduce
from exporter.ir.plan import Signature
from oracle.networks import FIXED, chain, draw, inputs_of, mlp
from oracle.server import Oracle, OracleError, flat_rows

WRONG_LENGTH, MISSING_WEIGHTS, ALTERED_WEIGHTS = -20101, -20103, -20104
BAD_INDEX, WRONG_SCORE, MISSING_SAMPLES = -20105, -20107, -20108
SMALL = FIXED["classes"]  # four numbers in, three out
TOO_LARGE = -20102


def test_a_null_array_scores_null(oracle: Oracle) -> None:
    with oracle.deploy(SMALL) as model:
        assert model.call("score", model.null_array()) is None


def test_a_null_element_scores_null(oracle: Oracle) -> None:
    with oracle.deploy(SMALL, Signature("m", ("a", "b", "c", "d"))) as model:
        assert model.call("score", [1.0, None, 2.0, 3.0]) is None
        assert model.call("score", 1.0, None, 2.0, 3.0) is None


@pytest.mark.parametrize("length", [0, 1, 3, 5])
def test_a_wrong_length_is_an_error_that_tells_both(oracle: Oracle, length: int) -> None:
    with oracle.deploy(SMALL) as model:
        with pytest.raises(OracleError, match=f'"x" takes 4 numbers, got {length}') as caught:
            model.call("score", [1.0] * length)
        assert caught.value.code == WRONG_LENGTH


def test_a_free_length_takes_multiples(oracle: Oracle) -> None:
    with oracle.deploy(FIXED["free_sequence"]) as model:
        for length in (0, 4):
            with pytest.raises(OracleError, match="a multiple of 3 numbers") as caught:
                model.call("score", [1.0] * length)
            assert caught.value.code == WRONG_LENGTH


def test_nan_goes_through(oracle: Oracle) -> None:
    with oracle.deploy(SMALL, Signature("m", (), None, ("a", "b", "c"))) as model:
        scores = model.call("score", [1.0, math.nan, 2.0, 3.0])
        assert all(math.isnan(score) for score in scores)
        assert model.call("label", [1.0, math.nan, 2.0, 3.0]) is None


@pytest.mark.parametrize("function", ["relu", "relu6", "hard_tanh", "leaky_relu", "elu", "gelu"])
def test_nan_stays_nan_through_activations(oracle: Oracle, function: str) -> None:
    """NaN equals itself and exceeds every number in Oracle: a careless clip would lose it."""
    with oracle.deploy(chain((2,), Activation(function))) as model:
        assert math.isnan(model.call("score", [math.nan, 1.0])[0])


def test_infinity_and_numbers_beyond_float32(oracle: Oracle) -> None:
    graph = chain((1,), Activation("sigmoid"))
    with oracle.deploy(graph, Signature("m", ("x",))) as model:
        given = [math.inf, -math.inf, 1e300, -1e300, 1e-50, 89.0, -104.0, 700.0, -700.0]
        wanted = [1.0, 0.0, 1.0, 0.0, 0.5, 1.0, 0.0, 1.0, 0.0]
        for x, y in zip(given, wanted, strict=True):
            assert model.call("score", x) == pytest.approx(y, abs=1e-7)


def test_softmax_of_large_numbers(oracle: Oracle) -> None:
    from exporter.ir.ops import Softmax

    with oracle.deploy(chain((3,), Softmax(0))) as model:
        assert model.call("score", [1000.0, 1000.0, -1000.0]) == [0.5, 0.5, 0.0]


def test_a_null_in_a_batch_leaves_the_other_rows_alone(oracle: Oracle) -> None:
    graph = FIXED["mlp"]
    names = tuple(f"v{n}" for n in range(1, 29))
    for signature in (Signature("m"), Signature("m", names)):
        with oracle.deploy(graph, signature) as model:
            (x,) = inputs_of(graph, 5)
            wanted = model.expected([x])[0].ravel()
            rows = [[row] for row in x.astype(float).tolist()]
            rows[2][0][7] = None
            scores = [score for _, score in model.score_table(rows)]
            assert scores[2] is None
            kept = [0, 1, 3, 4]
            check_close(np.array([scores[n] for n in kept]), wanted[kept], PLSQL, "others")


def test_a_batch_of_nulls(oracle: Oracle) -> None:
    with oracle.deploy(SMALL) as model:
        assert model.score_table([[[None] * 4]] * 3) == [(str(n), None) for n in range(3)]


def test_a_table_without_rows(oracle: Oracle) -> None:
    with oracle.deploy(SMALL) as model:
        assert model.score_table([]) == []
        assert model.last_cursor_is_closed


def test_an_exception_in_a_batch_closes_the_cursor(oracle: Oracle) -> None:
    with oracle.deploy(SMALL) as model:
        rows = [[[1.0] * 4]] * 600 + [[[1.0] * 3]]
        with pytest.raises(OracleError) as caught:
            model.score_table(rows)
        assert caught.value.code == WRONG_LENGTH
        assert model.last_cursor_is_closed


def test_a_consumer_that_stops_closes_the_cursor(oracle: Oracle) -> None:
    with oracle.deploy(SMALL, Signature("m", (), None, ("a", "b", "c"))) as model:
        rows = flat_rows(inputs_of(SMALL, 1200))
        for function in ("score_table", "label_table"):
            assert len(model.table(function, rows, stop_after=3)) == 3
            assert model.last_cursor_is_closed


def test_a_missing_part_of_the_weights_is_named(oracle: Oracle) -> None:
    with oracle.deploy(SMALL) as model:
        model.delete_part(1)
        for _ in range(2):  # a failed load leaves nothing that a second call would take for loaded
            with pytest.raises(OracleError, match="part 1 of the 4 parts") as caught:
                model.call("score", [1.0] * 4)
            assert caught.value.code == MISSING_WEIGHTS


@pytest.mark.parametrize("part", [0, 1, 2, 3])
def test_an_altered_number_is_found(oracle: Oracle, part: int) -> None:
    with oracle.deploy(SMALL) as model:
        numbers = model.part(part)
        model.replace_part(part, [np.nextafter(numbers[0], np.float32(9)), *numbers[1:]])
        with pytest.raises(OracleError, match=f"part {part} of the weights") as caught:
            model.call("score", [1.0] * 4)
        assert caught.value.code == ALTERED_WEIGHTS


def test_exchanged_and_missing_numbers_are_found(oracle: Oracle) -> None:
    with oracle.deploy(SMALL) as model:
        numbers = model.part(0)
        for altered in (numbers[::-1], numbers[:-1], [*numbers, 0.0]):
            model.replace_part(0, altered)
            with pytest.raises(OracleError) as caught:
                model.call("score", [1.0] * 4)
            assert caught.value.code == ALTERED_WEIGHTS
        model.replace_part(0, numbers)
        assert model.call("score", [1.0] * 4) is not None


def test_the_last_bits_of_the_sums_are_not_relied_on(oracle: Oracle) -> None:
    """A sum that was read one unit off is passed over, a change of 1e-11 of it is not."""
    with oracle.deploy(FIXED["mlp"]) as model:
        row = flat_rows(inputs_of(FIXED["mlp"], 1))[0]
        assert model.scale_sums(1 + 3e-16) and model.other_session().call("score", *row)
        assert model.scale_sums(1 + 1e-11)
        with pytest.raises(OracleError, match="ORA-20104"):
            model.other_session().call("score", *row)


@pytest.mark.parametrize("name", ["mlp", "features"])
@pytest.mark.parametrize(("change", "raised"), [(-1, -6504), (1, -6504), (-1, -1007)])
def test_a_cursor_of_other_columns_is_explained(
    oracle: Oracle, name: str, change: int, raised: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever FETCH raises for it."""
    monkeypatch.setattr(Cursor, "mismatch", raised)
    signature = Signature("m", features=("v1", "v2")) if name == "features" else None
    graph = mlp(2, 3, 1)
    with oracle.deploy(graph, signature) as model:
        width = 2 if signature else 1
        rows = [[[1.0] * (width + change)]] if signature else [[[1.0, 2.0]] * (width + change)]
        with pytest.raises(OracleError, match="ORA-20110") as caught:
            model.score_table(rows)
        assert f"must have {1 + width} columns: an id, then" in str(caught.value)
        assert ("v1, v2" if signature else "utl_nla_array_flt for each input") in str(caught.value)


def test_weights_are_read_once_a_session(oracle: Oracle) -> None:
    with oracle.deploy(SMALL) as model:
        first = model.call("score", [1.0] * 4)
        model.delete_part(0)
        assert model.call("score", [1.0] * 4) == first
        other = model.other_session()
        with pytest.raises(OracleError) as caught:
            other.call("score", [1.0] * 4)
        assert caught.value.code == MISSING_WEIGHTS
        assert model.call("score", [1.0] * 4) == first


def test_two_sessions(oracle: Oracle) -> None:
    with oracle.deploy(SMALL) as model:
        other = model.other_session()
        row = [0.5, -1.0, 2.0, 0.25]
        assert model.call("score", row) == other.call("score", row)


def test_a_recompiled_package_is_reported_once_and_loads_again(oracle: Oracle) -> None:
    with oracle.deploy(SMALL) as model:
        first = model.call("score", [1.0] * 4)
        model.recompile()
        with pytest.raises(OracleError) as caught:
            model.call("score", [1.0] * 4)
        assert caught.value.code == -4068
        assert model.call("score", [1.0] * 4) == first


def test_an_index_outside_the_vocabulary_is_an_error(oracle: Oracle) -> None:
    graph = chain((2,), Embedding(draw(5, 3)), Reduce("sum", (0,)))
    with oracle.deploy(graph) as model:
        for bad in (5.0, -1.0, 1.5, math.nan, math.inf):
            with pytest.raises(OracleError, match="whole numbers from 0 to 4") as caught:
                model.call("score", [0.0, bad])
            assert caught.value.code == BAD_INDEX


def test_a_sequence_that_does_not_fit_is_an_error(oracle: Oracle) -> None:
    graph = chain((None,), Embedding(draw(5, 2000)), Reduce("sum", (0,)))
    with oracle.deploy(graph) as model:
        with pytest.raises(OracleError, match="score shorter sequences") as caught:
            model.call("score", [1.0] * 501)
        assert caught.value.code == TOO_LARGE


def test_verify_finds_a_wrong_score(oracle: Oracle) -> None:
    with oracle.deploy(SMALL) as model:
        model.shift_sample(1, 0.01)
        assert model.verify()[:2] == (3, 1)
        assert model.verify()[2] == pytest.approx(0.01, rel=0.05)
        with pytest.raises(OracleError, match="sample 1 is off by") as caught:
            model.call("verify")
        assert caught.value.code == WRONG_SCORE


def test_verify_finds_a_missing_sample(oracle: Oracle) -> None:
    with oracle.deploy(SMALL) as model:
        model.delete_sample(2)
        with pytest.raises(OracleError, match="sample 2 of version") as caught:
            model.call("verify")
        assert caught.value.code == MISSING_SAMPLES


@pytest.mark.parametrize("name", ["my model", "select", "it's", "Ends; drop table x --", "\u00a7"])
def test_hostile_names(oracle: Oracle, name: str) -> None:
    from exporter.errors import SqlTextError

    if not name.isascii():
        with pytest.raises(SqlTextError), oracle.deploy(SMALL, Signature(name)):
            pass
        return
    features = ("a b", "select", "score", "it's")
    with oracle.deploy(SMALL, Signature(name, features)) as model:
        assert model.call("score", 1.0, 2.0, 3.0, 4.0) == model.call("score", [1.0, 2.0, 3.0, 4.0])


def test_features_named_like_the_functions(oracle: Oracle) -> None:
    features = ("score", "label", "nn_runtime", "verify")
    with oracle.deploy(SMALL, Signature("m", features, None, ("a", "b", "c"))) as model:
        row = [0.5, -1.0, 2.0, 0.25]
        assert model.call("score", *row) == model.call("score", row)
        assert model.call("label", *row) == model.call("label", row)
