"""A package written by hand in another style than ours runs as it stands, and is right."""

from __future__ import annotations

import numpy as np
import pytest

from plsql.machine import Database, Session
from plsql.values import PlsqlError

SCRIPT = r"""
REM A two-layer perceptron, as somebody else would write it.
SET DEFINE OFF
CREATE TABLE Layer_Weights
( layer_no NUMBER(3)   NOT NULL
, w        UTL_NLA_ARRAY_DBL
, b        UTL_NLA_ARRAY_DBL
, CONSTRAINT lw_pk PRIMARY KEY ( layer_no )
) VARRAY w STORE AS LOB lw_w VARRAY b STORE AS LOB lw_b
/
CREATE OR REPLACE PACKAGE Perceptron
AS
   Not_Loaded EXCEPTION;
   PRAGMA EXCEPTION_INIT(Not_Loaded, -20500);

   SUBTYPE_NAME CONSTANT VARCHAR2(20) := 'two layers';

   TYPE Layer IS RECORD
   (  ins   PLS_INTEGER := 0
   ,  outs  PLS_INTEGER := 0
   ,  w     UTL_NLA_ARRAY_DBL
   ,  b     UTL_NLA_ARRAY_DBL
   );
   TYPE Layers IS TABLE OF Layer INDEX BY PLS_INTEGER;

   PROCEDURE Init;
   FUNCTION Predict(x1 NUMBER, x2 NUMBER DEFAULT 0) RETURN NUMBER;
   FUNCTION Predict(v UTL_NLA_ARRAY_DBL) RETURN UTL_NLA_ARRAY_DBL;
   PROCEDURE Statistics(calls OUT PLS_INTEGER, longest IN OUT VARCHAR2);
END Perceptron;
/
CREATE OR REPLACE PACKAGE BODY Perceptron
AS
   Net      Layers;
   N_Calls  PLS_INTEGER := 0;

   FUNCTION Logistic(z BINARY_DOUBLE) RETURN BINARY_DOUBLE
   IS
   BEGIN
      RETURN CASE WHEN z >= 0 THEN 1 / (1 + EXP(-z))
                  ELSE EXP(z) / (1 + EXP(z))
             END;
   END Logistic;

   PROCEDURE Forward(l IN Layer, v IN OUT UTL_NLA_ARRAY_DBL)
   IS
      y UTL_NLA_ARRAY_DBL := l.b;
      i PLS_INTEGER := 1;
   BEGIN
      IF v.COUNT != l.ins THEN
         RAISE_APPLICATION_ERROR(-20501, v.COUNT || ' numbers for ' || l.ins);
      END IF;
      UTL_NLA.BLAS_GEMV('T', l.ins, l.outs, 1, l.w, l.ins, v, 1, 1, y, 1, 'C');
      WHILE i <= y.COUNT
      LOOP
         y(i) := Logistic(y(i));
         i := i + 1;
      END LOOP;
      v := y;
   END Forward;

   PROCEDURE Init
   IS
      n PLS_INTEGER := 0;
   BEGIN
      Net.DELETE;
      FOR r IN (SELECT * FROM Layer_Weights ORDER BY layer_no)
      LOOP
         n := n + 1;
         Net(n).w    := r.w;
         Net(n).b    := r.b;
         Net(n).outs := r.b.COUNT;
         Net(n).ins  := r.w.COUNT / r.b.COUNT;
      END LOOP;
   END Init;

   FUNCTION Predict(v UTL_NLA_ARRAY_DBL) RETURN UTL_NLA_ARRAY_DBL
   IS
      state UTL_NLA_ARRAY_DBL := v;
      k     PLS_INTEGER;
   BEGIN
      IF Net.COUNT = 0 THEN
         RAISE Not_Loaded;
      END IF;
      N_Calls := N_Calls + 1;
      k := Net.FIRST;
      LOOP
         Forward(Net(k), state);
         k := Net.NEXT(k);
         EXIT WHEN k IS NULL;
      END LOOP;
      RETURN state;
   END Predict;

   FUNCTION Predict(x1 NUMBER, x2 NUMBER DEFAULT 0) RETURN NUMBER
   IS
      result UTL_NLA_ARRAY_DBL;
   BEGIN
      result := Predict(UTL_NLA_ARRAY_DBL(x1, x2));
      RETURN ROUND(TO_NUMBER(result(1)), 6);
   EXCEPTION
      WHEN Not_Loaded THEN
         Init;
         RETURN Predict(x1, x2);
   END Predict;

   PROCEDURE Statistics(calls OUT PLS_INTEGER, longest IN OUT VARCHAR2)
   IS
   BEGIN
      calls   := N_Calls;
      longest := GREATEST(longest, SUBTYPE_NAME);
   END Statistics;
END Perceptron;
/
BEGIN
   INSERT INTO Layer_Weights (layer_no, w, b)
   VALUES (1, UTL_NLA_ARRAY_DBL(0.5, -1.25, 2, 0.75, -0.5, 1e-1), UTL_NLA_ARRAY_DBL(0.1, -.2, 3));
   INSERT INTO Layer_Weights (layer_no, w, b)
   VALUES (2, UTL_NLA_ARRAY_DBL(1.5, -2.5, 0.25), UTL_NLA_ARRAY_DBL(-1));
   COMMIT;
END;
/
"""


@pytest.fixture
def session() -> Session:
    """A session with the package."""
    session = Database(explicit_numbers=False).session("scott")
    session.run_script(SCRIPT)
    return session


def expected(x: np.ndarray) -> np.ndarray:
    first = np.array([[0.5, -1.25], [2, 0.75], [-0.5, 0.1]])
    hidden = 1 / (1 + np.exp(-(first @ x + [0.1, -0.2, 3])))
    return np.asarray(1 / (1 + np.exp(-(np.array([[1.5, -2.5, 0.25]]) @ hidden - 1))))


def test_predictions(session: Session) -> None:
    session.call_procedure("perceptron.init")
    for x in ([0.0, 0.0], [1.5, -2.0], [-30.0, 50.0]):
        got = session.call("Perceptron.Predict", np.array(x))
        np.testing.assert_allclose(got.a, expected(np.array(x)), rtol=1e-12)
    assert session.nla_calls == {"BLAS_GEMV": 6}
    assert session.loop_iterations == 2 + 3 * (2 + 3 + 1)


def test_the_package_loads_itself_and_counts(session: Session) -> None:
    value = session.value("select perceptron.predict(x1 => 1.5, x2 => -2) from dual")
    assert float(value) == pytest.approx(expected(np.array([1.5, -2.0]))[0], abs=5e-7)
    assert session.call("perceptron.predict", 1) == session.call("perceptron.predict", 1, 0)
    calls, longest = session.variable("pls_integer"), session.variable("varchar2", "abc")
    session.call_procedure("perceptron.statistics", calls=calls, longest=longest)
    assert (calls.value, longest.value) == (3, "two layers")


def test_its_own_error(session: Session) -> None:
    session.call_procedure("perceptron.init")
    with pytest.raises(PlsqlError) as caught:
        session.call("perceptron.predict", np.array([1.0]))
    assert (caught.value.code, caught.value.message) == (-20501, "ORA-20501: 1 numbers for 2")


def test_another_session_and_another_user(session: Session) -> None:
    session.call_procedure("perceptron.init")
    other = session.database.session("scott")
    with pytest.raises(PlsqlError) as caught:
        other.call("perceptron.predict", np.array([1.0, 2.0]))
    assert caught.value.code == -20500
    session.database.user("adams")
    session.execute("grant execute on perceptron to adams")
    adams = session.database.session("adams")
    assert adams.value("select scott.perceptron.predict(0) from dual") is not None
