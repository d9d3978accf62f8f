"""The yardstick of `local_model.py`: transformers' own batching manager, with nothing of ours around it.

Reads rounds to run from stdin, one JSON list of questions a line, and writes a line of JSON for each: seconds, tokens
written, tokens read. Its cache, batch and threads are those of our worker, and so is its standing with the scheduler:
the same niceness, and a session of its own (Linux shares a processor among sessions first). So only what is around the
manager differs. Small pages are better for it too: what the prompts have in common is then read once, and a round took
12 s of a processor's time where it took 14 with pages of 64.

    python bench/bare_batching.py WEIGHTS THREADS
"""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any

ANSWER_TOKENS = 64
PAGE_TOKENS = 8
PAGES = 2048
BATCH_TOKENS = 256


def manager_of(model: Any) -> Any:  # noqa: ANN401
    """Start a manager for a model."""
    from transformers import GenerationConfig  # noqa: PLC0415 - seconds
    from transformers.generation import ContinuousBatchingConfig  # noqa: PLC0415

    config = ContinuousBatchingConfig(page_size=PAGE_TOKENS, num_blocks=PAGES, max_batch_tokens=BATCH_TOKENS)
    plain = GenerationConfig(
        do_sample=False, max_new_tokens=ANSWER_TOKENS, eos_token_id=model.generation_config.eos_token_id
    )
    manager = model.init_continuous_batching(generation_config=plain, continuous_batching_config=config)
    manager.start()
    return manager


def answer(manager: Any, prompts: list[list[int]], label: str) -> int:  # noqa: ANN401
    """Have all prompts answered and return how many tokens were written."""
    for number, tokens in enumerate(prompts):
        manager.add_request(tokens, request_id=f"{label}-{number}", max_new_tokens=ANSWER_TOKENS)
    written, missing = 0, len(prompts)
    while missing:
        result = manager.get_result(timeout=1)
        if result is not None and result.is_finished():
            written += len(result.generated_tokens)
            missing -= 1
    return written


def prompt_of(tokenizer: Any, text: str) -> list[int]:  # noqa: ANN401
    """Return a question's tokens in the model's own form."""
    turns = [{"role": "user", "content": text}]
    return list(tokenizer.apply_chat_template(turns, add_generation_prompt=True)["input_ids"])


def main() -> None:
    """Load, then answer round after round."""
    folder, threads = sys.argv[1], int(sys.argv[2])
    import torch  # noqa: PLC0415
    import transformers  # noqa: PLC0415

    torch.set_num_threads(threads)
    transformers.logging.set_verbosity_error()
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    model = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.bfloat16).eval()
    manager = manager_of(model)
    print(json.dumps("ready"), flush=True)
    for round_number, line in enumerate(sys.stdin):
        prompts = [prompt_of(tokenizer, text) for text in json.loads(line)]
        began = time.perf_counter()
        written = answer(manager, prompts, str(round_number))
        spent = time.perf_counter() - began
        read = sum(map(len, prompts))
        print(json.dumps({"seconds": spent, "written": written, "read": read}), flush=True)
    os._exit(0)


if __name__ == "__main__":
    main()
