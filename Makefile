# Six words for whoever works on the package; each sets up what it needs.
.PHONY: lint test quick docs gallery bench

lint:     # format, lint, types, directions of imports
	python3 -m uv run ruff format --check
	python3 -m uv run ruff check
	python3 -m uv run mypy
	python3 -m uv run lint-imports

quick:    # the quick part of the tests, as .ci/run
	python3 -m uv run pytest -n 2 -m "not slow"

test:     # every test, on two cores
	python3 -m uv run pytest -n 2

docs:     # the documentation as a site, in build/docs
	python3 -m uv run --group docs sphinx-build -W --keep-going -q docs build/docs

gallery:  # the figures of the gallery anew; FIGURES=curves draws one
	python3 -m uv run python docs/make_gallery.py $(FIGURES)

bench:    # what a fit takes on this machine
	python3 -m uv run python tests/benchmarks/fit_benchmark.py
