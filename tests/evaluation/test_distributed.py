"""Backtests on a Dask cluster of separate worker processes."""

import os
import time

import numpy as np
import pytest
from serial_executor import SerialExecutor

import bayes_scaling as bs
from bayes_scaling.evaluation.executing import Failed, run_tasks

distributed = pytest.importorskip("distributed", reason="the extra bayes-scaling[distributed] is not installed")


def die_on_three(number):
    if number == 3:
        time.sleep(0.5)  # Dask holds a death against all tasks of the worker: the others are done by then
        os._exit(1)
    return 2 * number


@pytest.fixture(scope="module")
def client():
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=60
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


def test_a_cluster_gives_the_numbers_of_the_serial_run(client):
    runs = bs.load_dataset("cerebras_gpt").select(benchmark="piqa")
    options = {"cutoffs": [1.2e21, 7e21], "draws": 30, "tune": 60, "chains": 2, "random_seed": 1, "progressbar": False}
    serial, there = (
        bs.backtest(bs.DirectLaw(), runs, executor=executor, **options)
        for executor in (SerialExecutor(), client.get_executor())
    )
    assert there.failures.empty
    for name in ("median", "crps", "pit"):
        np.testing.assert_array_equal(there.rows[name], serial.rows[name])


def test_a_lost_worker_is_survived(client):
    found = run_tasks(die_on_three, [1, 2, 3, 4], client.get_executor(retries=0))
    assert [found[i] for i in (0, 1, 3)] == [2, 4, 8]
    assert isinstance(found[2], Failed)
