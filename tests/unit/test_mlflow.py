"""Models of MLflow, of a store in SQLite and of one in files; no loader of MLflow is called."""

from __future__ import annotations

import importlib.util
import json
import pickle
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
from budgets import is_thorough
from commands import environment, write_sigmoid
from hostile_pickles import CANARY, Calls

from exporter import api
from exporter.errors import ArchiveError, ExportError
from exporter.sources import mlflow

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        any(importlib.util.find_spec(name) is None for name in ("mlflow", "alembic", "sklearn")),
        reason="the extra test-sources is not installed",
    ),
]
MLMODEL = "flavors:\n  {flavour}:\n    {settings}\n  python_function:\n    loader_module: evil\n"

# What a user's training does, and then what export-model's client does about many addresses: in one
# process, because to import MLflow takes most of the time.
FILL_AND_ASK = """
import json, sys, tempfile, warnings
warnings.simplefilter("ignore")
from dataclasses import asdict
from pathlib import Path
from mlflow import MlflowClient, set_tracking_uri
from exporter.sources.mlflow_client import ask
folder = Path(sys.argv[1])
found = {}
for kind, store in json.loads(sys.argv[2]).items():
    set_tracking_uri(store)
    client = MlflowClient()
    place = folder / f"artifacts of {kind}"
    experiment = client.create_experiment("training", artifact_location=place.as_uri())
    run = client.create_run(experiment).info
    for logged in (folder / "logged").iterdir():
        client.log_artifacts(run.run_id, str(logged), logged.name)
    client.create_registered_model("fraud")
    for name in ("scaler", "network"):
        client.create_model_version("fraud", f"{run.artifact_uri}/{name}", run.run_id)
    client.set_registered_model_alias("fraud", "champion", "2")
    answers = {}
    for address in json.loads(sys.argv[3]):
        whole = address.replace("RUN", run.run_id)
        temporary = Path(tempfile.mkdtemp(dir=folder))
        answers[address] = asdict(ask(whole, whole, temporary))
    found[kind] = {"store": store, "run": run.run_id, "answers": answers}
print(json.dumps(found))
"""
FOUND = {  # the model's name, the file's, what is said of the version
    "models:/fraud@champion": ("fraud", "model.h5", "version 2, run RUN"),
    "models:/fraud/1": ("fraud", "model.pkl", "version 1, run RUN"),
    "runs:/RUN/network": ("network", "model.h5", "run RUN"),
    "runs:/RUN/network/data/model.h5": ("model.h5", "model.h5", "run RUN"),
    "runs:/RUN/answer": ("answer", "answer.json", "run RUN"),
    "runs:/RUN/hostile": ("hostile", "model.pkl", "run RUN"),
}
REFUSED = {
    "models:/fraud/9": "MLflow says: ",
    "models:/fraud@nobody": "nobody",
    "models:/nobody/1": "MLflow says: ",
    "models:/fraud/latest": "Stages and `latest` mean another version tomorrow",
    "models:/fraud": "write models:/NAME@ALIAS",
    "models:/../fraud/1": "MLflow says: ",
    "runs:/RUN": "write models:/NAME@ALIAS",
    "runs:/RUN/none": "MLflow says: ",
    "runs:/RUN/../../secret": "MLflow says: ",
    "runs:/0123/network": "0123",
    "runs:/RUN/network/data": "directory without MLmodel. In it are: model.h5",
    "runs:/RUN/torch": "flavours python_function, pytorch, and what can be read are keras",
    "runs:/RUN/saved": "has no file data/model.keras or data/model.h5; there is: data/model",
    "runs:/RUN/traversal": "none in its own directory",
}


def log(folder: Path, flavour: str, settings: str, file: str, content: bytes) -> None:
    """A model's directory, as MLflow writes them."""
    (folder / file).parent.mkdir(parents=True)
    (folder / file).write_bytes(content)
    text = MLMODEL.format(flavour=flavour, settings=settings)
    (folder / "MLmodel").write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A file of Keras."""
    return write_sigmoid(tmp_path_factory.mktemp("network") / "m.h5").read_bytes()


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory, network: bytes) -> Any:
    """By kind of store: its address, a run in it, and what the client answered."""
    from sklearn.preprocessing import StandardScaler

    folder = tmp_path_factory.mktemp("mlflow")
    logged = folder / "logged"
    scaler = pickle.dumps(StandardScaler().fit([[0.0, 1, 2], [2, 3, 4]]))
    hostile = pickle.dumps(Calls(open, CANARY, "w"))
    Path(CANARY).unlink(missing_ok=True)
    log(logged / "network", "tensorflow", "data: data", "data/model.h5", network)
    log(logged / "scaler", "sklearn", "pickled_model: model.pkl", "model.pkl", scaler)
    log(logged / "hostile", "sklearn", "pickled_model: model.pkl", "model.pkl", hostile)
    (logged / "hostile" / "evil.py").write_text(f"open({CANARY!r}, 'w')")
    log(logged / "answer", "xgboost", f"data: {mlflow.ANSWER}", mlflow.ANSWER, b"{}")
    log(logged / "torch", "pytorch", "model_data: data", "data/model.pth", b"PK")
    log(logged / "saved", "tensorflow", "data: data", "data/model/saved_model.pb", b"x")
    log(logged / "traversal", "sklearn", "pickled_model: ../network/MLmodel", "model.pkl", scaler)
    (folder / "secret").write_text("secret")
    places = {
        "sqlite": f"sqlite:///{folder}/mlflow.db",
        "files": (folder / "mlruns").as_uri(),
    }
    done = subprocess.run(
        [sys.executable, "-c", FILL_AND_ASK, folder, json.dumps(places),
         json.dumps([*FOUND, *REFUSED])],
        env=environment(**mlflow.VARIABLES, MLFLOW_ALLOW_FILE_STORE="true"),
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


KINDS = ("sqlite", "files")


@pytest.mark.parametrize("kind", KINDS)
def test_versions_aliases_and_runs_lead_to_the_model_file(
    stores: Any, kind: str, network: bytes
) -> None:
    """A file that no MLmodel names is found too. Nothing of what was downloaded was executed."""
    for address, (name, file, revision) in FOUND.items():
        answer = stores[kind]["answers"][address]
        assert answer["error"] == "", address
        assert (answer["name"], Path(answer["file"]).name) == (name, file)
        assert answer["revision"] == revision.replace("RUN", stores[kind]["run"])
        if file == "model.h5":
            assert Path(answer["file"]).read_bytes() == network
    with pytest.raises(ExportError):
        api.read(stores[kind]["answers"]["runs:/RUN/hostile"]["file"])
    assert not Path(CANARY).exists()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("address", REFUSED)
def test_what_is_no_model_is_refused(stores: Any, kind: str, address: str) -> None:
    answer = stores[kind]["answers"][address]
    assert REFUSED[address] in answer["error"]
    assert answer["file"] == ""
    assert address.replace("RUN", stores[kind]["run"]) in answer["error"]


def test_a_scaler_before_a_network_as_a_user_reads_them(
    stores: Any, network: bytes, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    store, run = stores["sqlite"]["store"], stores["sqlite"]["run"]
    monkeypatch.setenv("MLFLOW_TRACKING_URI", store)
    (tmp_path / "m.h5").write_bytes(network)
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    if is_thorough():  # another process that imports MLflow
        with pytest.raises(ArchiveError, match=r"^answer\.json is JSON, but no model of a kind"):
            api.read(f"runs:/{run}/answer")
    model = api.read(["models:/fraud/1", tmp_path / "m.h5"])
    scaler, file = model.graph.source.files
    assert (scaler.origin, file.origin) == (f"models:/fraud/1 (version 1, run {run})", "")
    assert model.parts[0].path.name == "fraud.pkl"
    assert api.script(model, target="postgres", expected_by="float64").version
    del model
    assert list((tmp_path / "temporary").iterdir()) == []


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({}, "no MLflow is named. Set MLFLOW_TRACKING_URI"),
        ({"MLFLOW_TRACKING_URI": "sqlite:///none.db"}, "there is no none.db"),
        ({"MLFLOW_TRACKING_URI": "none"}, "there is no none"),
        ({"MLFLOW_TRACKING_URI": "file:///none"}, "there is no /none"),
        ({"MLFLOW_REGISTRY_URI": "sqlite:///none.db"}, "MLFLOW_REGISTRY_URI is sqlite:///none.db"),
    ],
)
def test_no_store_is_made_where_none_is(
    variables: dict[str, str], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in mlflow.SERVERS:
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ArchiveError, match=words):
        api.read("models:/fraud/1")
    assert list(tmp_path.iterdir()) == []
