import os
from concurrent.futures import ThreadPoolExecutor

import pytest
from serial_executor import SerialExecutor

from bayes_scaling.evaluation.executing import Failed, process_pool, run_tasks


def double(number):
    if number < 0:
        raise ValueError(f"{number} is negative")
    return 2 * number


def die_on_three(number):
    if number == 3:
        os._exit(1)
    return number


@pytest.mark.parametrize("executor", [SerialExecutor(), ThreadPoolExecutor(2)], ids=["serial", "threads"])
def test_results_come_in_order_and_failures_stand_in(executor):
    found = run_tasks(double, [3, -1, 5], executor)
    assert found == [6, Failed("ValueError: -1 is negative"), 10]


def test_progress_is_told_of_every_task():
    seen = []
    run_tasks(double, [1, -1, 2], SerialExecutor(), done=lambda: seen.append(1))
    assert len(seen) == 3


def test_a_task_that_kills_its_worker_harms_no_other():
    with process_pool(2) as pool:
        found = run_tasks(die_on_three, [1, 2, 3, 4], pool)
    assert found[:2] + found[3:] == [1, 2, 4]
    assert isinstance(found[2], Failed)
    assert "the worker process died" in found[2].error
