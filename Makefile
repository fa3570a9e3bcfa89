# export-model: `make help` lists the targets.

PYTHON ?= python3
ARGS ?=
bin := .venv/bin
# Two processes, which start with half of the tests each; ARGS="-n 0" for one.
pytest := $(bin)/python -m pytest -n auto --dist worksteal

# Tests run on the CPU, without TensorFlow's messages about that, and with the convolutions that it
# has on every CPU only if told so.
export TF_ENABLE_ONEDNN_OPTS = 1
export TF_CPP_MIN_LOG_LEVEL = 3
export CUDA_VISIBLE_DEVICES =
# Every child would compile the whole program anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup demo example test check quick versions bench clean

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 16

setup: .venv/test.stamp ## install all that the other targets need

# ENGINE=pgvector: a server that pip installs, so that no package of the system is asked for.
demo: .venv/$(if $(filter pgvector,$(ENGINE)),wheel,demo).stamp ## export a small network into a private PostgreSQL and score rows; KEEP=1 opens psql, ENGINE=pgvector needs no root
	@KEEP=$(KEEP) ENGINE=$(ENGINE) $(bin)/python examples/digits/demo.py

example: .venv/demo.stamp ## run examples/NAME the same way: make example NAME=forecast
	@$(bin)/python examples/run.py $(NAME)

test: .venv/test.stamp ## run the tests; ARGS="-k dense" selects some
	$(pytest) $(ARGS)

quick: .venv/test.stamp ## the tests that need neither a database nor Keras, in a minute
	$(pytest) -q -m "not database and not framework and not slow" tests/contract tests/runtime tests/unit $(ARGS)

check: .venv/test.stamp ## format, lint, types, tests
	$(bin)/ruff format --check .
	$(bin)/ruff check .
	$(bin)/mypy
	$(pytest) $(ARGS)

versions: .venv/test.stamp ## score in every form on PostgreSQL 12 to 18, of npm and Debian
	@.ci/versions $(ARGS)

bench: .venv/test.stamp ## measure every way to score; ARGS="--quick" for a first look
	$(bin)/python benchmarks/run.py $(ARGS)

clean: ## remove .venv and all that tools left behind
	rm -rf .venv build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# .ci/setup leaves the stamps.
.venv/%.stamp: pyproject.toml .ci/setup
	@.ci/setup $* $(PYTHON)
