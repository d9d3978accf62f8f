"""Causal models that the batching of transformers does not take, such as BLOOM: each with a cache of its own."""

from collections.abc import Generator

from bot.backends.worker.answering import Answer, Writer
from bot.backends.worker.libraries import Tensor, torch, transformers
from bot.backends.worker.loading import Loaded
from bot.backends.worker.messages import Embed, Generate
from bot.backends.worker.prompting import Cut, Prompter
from bot.backends.worker.sampling import Defaults, Sampling
from bot.backends.worker.trouble import WorkerError
from bot.errors import Trouble

PIECE = 128
"""Tokens of a prompt that are read in one step."""


def fitted(prompter: Prompter, request: Generate, context: int) -> tuple[Cut, int]:
    """Return the prompt as it fits, and how many tokens may be written after it."""
    room = max(1, context - min(request.max_tokens, context // 2))
    cut = prompter.prompt(request.system, request.turns, room)
    return cut, min(request.max_tokens, context - len(cut.tokens))


def ends_of(loaded: Loaded) -> frozenset[int]:
    """Return the tokens with which the model ends what it says."""
    given = loaded.model.generation_config.eos_token_id
    if given is None:
        given = loaded.model.config.eos_token_id
    if given is None:
        return frozenset()
    return frozenset([given] if isinstance(given, int) else given)


class Continuing:
    """Goes on from prompts, one token a step."""

    def __init__(self, loaded: Loaded) -> None:
        self._loaded = loaded
        self._prompter = Prompter(loaded.tokenizer)
        self._defaults = Defaults.of(loaded.model.generation_config)
        self._ends = ends_of(loaded)

    def begin(self, request: Generate | Embed, answer: Answer) -> Generator[None]:
        """Answer one request, step by step."""
        if isinstance(request, Embed):
            raise WorkerError(Trouble.UNFIT, "a causal model embeds nothing")
        cut, most = fitted(self._prompter, request, self._loaded.context)
        answer.begin(len(cut.tokens), cut.dropped)
        writer = Writer(answer, self._loaded.decode, (*request.stop, *self._prompter.stops))
        sampling = Sampling.of(request, self._defaults)
        cache = transformers.DynamicCache(config=self._loaded.model.config)
        fresh = cut.tokens or [next(iter(self._ends), 0)]
        read = 0
        for _ in range(most):
            while len(fresh) > PIECE:
                self._forward(fresh[:PIECE], read, cache)
                read += PIECE
                fresh = fresh[PIECE:]
                yield
            scores = self._forward(fresh, read, cache)
            read += len(fresh)
            token = sampling.choose(scores)
            if token in self._ends or writer.push(token):
                writer.finish("stop")
                yield
            fresh = [token]
            yield
        writer.finish("length")
        yield

    def _forward(self, tokens: list[int], read: int, cache: object) -> Tensor:
        device = self._loaded.device
        ids = torch.tensor([tokens], device=device)
        seen = torch.ones((1, read + len(tokens)), dtype=torch.long, device=device)
        output = self._loaded.model(input_ids=ids, attention_mask=seen, past_key_values=cache, use_cache=True)
        return output.logits[0, -1].float()
