"""Causal models through the continuous batching of transformers: every step serves all requests at once.

Around the library's manager stands what it lacks: each request's own sampling and seed, stop texts, prompts that fit,
and an entrance that lets in no more than the cache can hold, for a full cache ends the manager.
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from bot.backends.worker import memory
from bot.backends.worker.answering import Answer, Writer
from bot.backends.worker.capacity import Capacity
from bot.backends.worker.continuing import ends_of, fitted
from bot.backends.worker.engine import Heart
from bot.backends.worker.libraries import Tensor, batching_processors, generation, torch, transformers
from bot.backends.worker.loading import Loaded
from bot.backends.worker.messages import Embed, Generate
from bot.backends.worker.prompting import Prompter
from bot.backends.worker.sampling import Defaults, Sampling
from bot.backends.worker.trouble import WorkerError, as_worker_error, is_no_memory, is_no_memory_text
from bot.errors import Trouble

_LOOK_SECONDS = 1.0
"""So often it is looked whether the library's loop is still alive."""
_TRIAL_SECONDS = 120
_MOST_REVIVALS = 3
"""So often in a row the loop is begun anew after memory ran out; then the process ends, which frees all of it."""


@dataclass(slots=True, eq=False)
class _Entry:
    """One request. `pages` of the cache are reserved for it while it is with the manager."""

    key: str
    tokens: list[int]
    most: int
    pages: int
    answer: Answer
    writer: Writer
    sampling: Sampling
    seen: int = 0


class Chooser:
    """Chooses each request's next token by its own sampling; what is chosen gets the highest score of all."""

    def __init__(self, heart: Heart) -> None:
        self._heart = heart
        self._samplings: list[Sampling] = []

    def fill_defaults(self, int32_tensor: Tensor) -> None:
        """Nothing travels in the tensor: the samplings of a step are kept here."""
        int32_tensor.zero_()

    def prepare_tensor_args(self, requests_with_new_token: Sequence[Any]) -> Tensor:
        """Remember whose rows the next scores are."""
        self._heart.beat()
        self._samplings = [one.state.logit_processor_kwargs["sampling"] for one in requests_with_new_token]
        return torch.zeros(len(self._samplings), dtype=torch.int32)

    def __call__(self, scores: Tensor, tensor_arg: Tensor) -> Tensor:  # noqa: ARG002
        """Put each request's choice above everything else."""
        for row, sampling in enumerate(self._samplings):
            scores[row, sampling.choose(scores[row])] = torch.inf
        return scores


class BatchingEngine:
    """Serves requests together. Raises while being made if the library cannot batch this model."""

    def __init__(self, loaded: Loaded, capacity: Capacity, heart: Heart, on_death: Callable[[str], None]) -> None:
        batching_processors.ContinuousBatchingLogitsProcessor.register(Chooser)
        self._loaded = loaded
        self._capacity = capacity
        self._heart = heart
        self._on_death = on_death
        self._prompter = Prompter(loaded.tokenizer)
        self._defaults = Defaults.of(loaded.model.generation_config)
        self._ends = ends_of(loaded)
        self._coming: deque[tuple[Generate, Answer]] = deque()
        self._preparing: list[Answer] = []
        self._waiting: deque[_Entry] = deque()
        self._inside: dict[str, _Entry] = {}
        self._free = capacity.pages
        self._count = 0
        self._revivals = 0
        self._changed = threading.Condition()
        self._tried: threading.Event | None = threading.Event()
        self._trial_error = ""
        self._manager: Any = self._opened()
        self._try()

    def start(self) -> None:
        """Begin to work."""
        threading.Thread(target=self._run, name="entrance", daemon=True).start()

    def submit(self, request: Generate | Embed, answer: Answer) -> None:
        """Take a request."""
        if isinstance(request, Embed):
            raise WorkerError(Trouble.UNFIT, "a causal model embeds nothing")
        with self._changed:
            # who comes is no progress while others wait
            if not (self._preparing or self._coming or self._waiting or self._inside):
                self._heart.beat()
            self._coming.append((request, answer))
            self._changed.notify_all()

    def wake(self) -> None:
        """Notice that an answer has been ended from outside."""
        with self._changed:
            self._changed.notify_all()

    @property
    def running(self) -> int:
        """How many requests are being worked on or wait."""
        with self._changed:
            answers = [*self._preparing, *(answer for _, answer in self._coming)]
            answers += [entry.answer for entry in (*self._waiting, *self._inside.values())]
        return sum(not answer.is_over for answer in answers)

    def shed(self) -> Answer | None:
        """Return the largest request that is worked on."""
        with self._changed:
            inside = [entry for entry in self._inside.values() if not entry.answer.is_over]
        return max(inside, key=lambda entry: entry.pages).answer if inside else None

    # what the library calls, on its own thread

    def deliver(self, output: Any) -> None:  # noqa: ANN401
        """Take what a request has got so far."""
        self.deliver_batch([output])

    def deliver_batch(self, outputs: Sequence[Any]) -> None:
        """Take what requests have got so far."""
        self._heart.beat()
        if self._tried is not None:
            self._trial_error = outputs[-1].error or ""
            self._tried.set()
            return
        for output in outputs:
            entry = self._inside.get(output.request_id)
            if entry is not None:
                self._take(entry, output)

    def fail_and_deliver(self, state: Any, error: Exception) -> None:  # noqa: ANN401
        """Take that a request has failed."""
        if self._tried is not None:
            self._trial_error = str(error) or type(error).__name__
            self._tried.set()
            return
        entry = self._inside.get(state.request_id)
        if entry is not None:
            kind = Trouble.NO_MEMORY if is_no_memory(error) else Trouble.WORKER_DIED
            entry.answer.fail(kind, str(as_worker_error(error)))
            self._release(entry)

    def _take(self, entry: _Entry, output: Any) -> None:  # noqa: ANN401
        new = output.generated_tokens[entry.seen :]
        entry.seen += len(new)
        if output.error:
            kind = Trouble.NO_MEMORY if is_no_memory_text(output.error) else Trouble.WORKER_DIED
            entry.answer.fail(kind, output.error[:300])
        for token in new:
            if token in self._ends or entry.writer.push(token):
                entry.writer.finish("stop")
                break
        else:
            if output.is_finished():
                entry.writer.finish("length")
        self._revivals = 0
        if entry.answer.is_over:
            if not output.is_finished():
                self._manager.cancel_request(entry.key)
            self._release(entry)

    # the entrance, on a thread of ours

    def _run(self) -> None:
        try:
            self._serve()
        except Exception as error:  # noqa: BLE001 - a worker that answers nothing must end, so that another is started
            self._on_death(f"the entrance ended: {type(error).__name__}")

    def _serve(self) -> None:
        while True:
            with self._changed:
                coming = self._coming.popleft() if self._coming else None
                self._preparing = [coming[1]] if coming else []
            if coming is not None:
                self._prepare(*coming)
            self._sweep()
            self._admit()
            with self._changed:
                if not self._coming:
                    self._changed.wait(_LOOK_SECONDS)
            if not self._manager.is_running():
                self._revive()

    def _prepare(self, request: Generate, answer: Answer) -> None:
        if answer.is_over:
            return
        try:
            cut, most = fitted(self._prompter, request, self._capacity.context)
        except Exception as error:  # noqa: BLE001 - one request's fault is not the others'
            answer.fail(Trouble.MALFORMED, f"the prompt cannot be made: {type(error).__name__}")
            return
        answer.begin(len(cut.tokens), cut.dropped)
        tokens = cut.tokens or [next(iter(self._ends), 0)]
        self._count += 1
        writer = Writer(answer, self._loaded.decode, (*request.stop, *self._prompter.stops))
        pages = self._capacity.pages_for(len(tokens) + most)
        sampling = Sampling.of(request, self._defaults)
        with self._changed:
            self._waiting.append(_Entry(f"r{self._count}", tokens, most, pages, answer, writer, sampling))
            self._preparing = []

    def _sweep(self) -> None:
        """Stop the work for whoever waits no longer."""
        with self._changed:
            over = [entry for entry in self._inside.values() if entry.answer.is_over]
            self._waiting = deque(entry for entry in self._waiting if not entry.answer.is_over)
        for entry in over:
            self._manager.cancel_request(entry.key)
            self._release(entry)

    def _admit(self) -> None:
        """Let in, in order, what the cache surely holds."""
        while True:
            with self._changed:
                if not self._waiting or len(self._inside) >= self._capacity.at_once:
                    return
                entry = self._waiting[0]
                if entry.pages > self._free:
                    return
                self._waiting.popleft()
                self._free -= entry.pages
                self._inside[entry.key] = entry
            self._add(entry)

    def _add(self, entry: _Entry) -> None:
        self._manager.add_request(
            entry.tokens,
            request_id=entry.key,
            max_new_tokens=entry.most,
            streaming=True,
            eos_token_id=sorted(self._ends) or -1,
            sampling=entry.sampling,
        )

    def _release(self, entry: _Entry) -> None:
        with self._changed:
            if self._inside.pop(entry.key, None) is not None:
                self._free += entry.pages
                self._changed.notify_all()

    def _revive(self) -> None:
        """The library's loop has ended: go on with a new one if it was for want of memory, else end the process."""
        error = self._manager.background_thread_status.fatal_error
        with self._changed:
            lost = list(self._inside.values())
        is_memory = error is not None and is_no_memory(error)
        for entry in lost:
            entry.answer.fail(Trouble.NO_MEMORY if is_memory else Trouble.WORKER_DIED, f"{type(error).__name__}")
            self._release(entry)
        self._revivals += 1
        if not is_memory or self._revivals > _MOST_REVIVALS:
            self._on_death(f"the batching loop ended: {type(error).__name__}")
            return
        self._manager = None
        memory.give_back()
        self._manager = self._opened()

    def _opened(self) -> Any:  # noqa: ANN401
        config = generation.ContinuousBatchingConfig(
            page_size=self._capacity.page_size,
            num_blocks=self._capacity.pages,
            max_batch_tokens=self._capacity.batch_tokens,
            max_requests_per_batch=self._capacity.at_once,
            safety_margin=0.0,
            use_async_batching=False,
            use_cuda_graph=False,
            auto_switch_to_flash=False,
        )
        plain = transformers.GenerationConfig(do_sample=False, eos_token_id=-1, max_new_tokens=1)
        manager = self._loaded.model.init_continuous_batching(
            generation_config=plain, continuous_batching_config=config
        )
        # the library samples for all alike; this puts our choice, request by request, in its place
        processors = manager.logit_processor
        processors.logits_processor = transformers.LogitsProcessorList([Chooser(self._heart)])
        processors.tensors_required = 1
        processors.supported_keys = {"sampling": Sampling}
        processors.do_processing = True
        manager.output_router = self
        manager.start()
        return manager

    def _try(self) -> None:
        """Have one token made, which also warms the libraries up.

        Raises:
            RuntimeError: the model cannot be batched.
        """
        tried = self._tried
        if tried is None:
            return
        sampling = Sampling(0.0, 1.0, 0, 1.0, None)
        self._manager.add_request([0, 1], request_id="trial", max_new_tokens=1, streaming=False, sampling=sampling)
        if not tried.wait(_TRIAL_SECONDS):
            self._trial_error = "no token came"
        self._tried = None
        if self._trial_error:
            self._manager.stop(block=True, timeout=5, hard_stop=True)
            raise RuntimeError(self._trial_error)
