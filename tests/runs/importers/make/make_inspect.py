"""Make the fixtures of Inspect with Inspect itself and its mock model, offline.

From this folder, in an environment of its own::

    python -m venv inspect && inspect/bin/pip install "inspect-ai==0.3.285" openai
    inspect/bin/python make_inspect.py

One task has one attempt at each question, one has six; the mock model answers right with a given probability. What
depends on the machine is taken out of the logs by Inspect's own reader and writer.
"""

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import tiktoken
from inspect_ai import Task, eval
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.log import list_eval_logs, read_eval_log, write_eval_log
from inspect_ai.model import ModelOutput, get_model
from inspect_ai.scorer import includes
from inspect_ai.solver import generate

OUT = Path("../fixtures/inspect")
MODELS = {"mockllm/ladder-50M": 0.2, "mockllm/ladder-200M": 0.45, "mockllm/ladder-800M": 0.7}
KINDS = {"mockllm/ladder-50M": "eval", "mockllm/ladder-200M": "json", "mockllm/ladder-800M": "eval"}


class Words:
    """Counts words in place of tokens."""

    def encode(self, text: str, **_: object) -> list[str]:
        """Split a text."""
        return text.split()


def questions(n: int) -> MemoryDataset:
    """Give n questions whose answer is a number."""
    return MemoryDataset([Sample(input=f"{i} + 17 =", target=f"<{i + 17}>", id=f"sum-{i}") for i in range(n)])


def answers(skill: float) -> Callable[..., ModelOutput]:
    """Give a model that knows the answer with a given probability."""
    draw = random.Random(int(1000 * skill))

    def answer(messages: list, *_: object) -> ModelOutput:
        number = int(messages[-1].text.split()[0]) + 17
        return ModelOutput.from_content("mockllm", f"<{number}>" if draw.random() < skill else "lol")

    return answer


def main() -> None:
    """Run Inspect on each model and keep its logs."""
    shutil.rmtree(OUT, ignore_errors=True)
    tiktoken.get_encoding = lambda _: Words()  # the real one is downloaded
    for name, skill in MODELS.items():
        for task, n, epochs in (("once", 25, 1), ("often", 8, 6)):
            eval(
                Task(dataset=questions(n), solver=generate(), scorer=includes(), name=task),
                model=get_model(name, custom_outputs=answers(skill)),
                epochs=epochs,
                log_dir=str(OUT),
                log_format=KINDS[name],
                display="none",
                max_samples=1,
                log_model_api=False,
            )
    for info in list_eval_logs(str(OUT)):
        log = read_eval_log(info)
        log.eval.revision, log.eval.packages, log.eval.task_file = None, {}, None
        log.eval.task_registry_name, log.eval.model_args = None, {}
        for sample in log.samples or []:
            sample.events, sample.messages, sample.attachments = [], [], {}
        write_eval_log(log, info)


if __name__ == "__main__":
    main()
