"""T5 and its kin: one text into another. A long text is taken in parts, one after another."""

from collections.abc import Generator
from typing import Any

from bot.backends.worker.answering import Answer, Writer
from bot.backends.worker.continuing import ends_of
from bot.backends.worker.libraries import torch, transformers
from bot.backends.worker.loading import Loaded
from bot.backends.worker.messages import Embed, Generate
from bot.backends.worker.sampling import Defaults, Sampling
from bot.backends.worker.text import defused
from bot.backends.worker.trouble import WorkerError
from bot.errors import Trouble

MOST_PARTS = 32
"""So many parts of a long text are taken; what is beyond is told as dropped."""
_LEAST_PART = 8


class Translating:
    """Turns texts into others, one token a step."""

    def __init__(self, loaded: Loaded) -> None:
        self._loaded = loaded
        config = loaded.model.config
        # FLAN-T5 (gated) was tuned on instructions; the first T5 knows the words of its training alone
        self._is_tuned = bool(getattr(config, "is_gated_act", False))
        self._defaults = Defaults.of(loaded.model.generation_config)
        if not getattr(loaded.model.generation_config, "do_sample", False):
            self._defaults = Defaults(temperature=0.0, top_p=1.0, penalty=1.1)
        self._ends = ends_of(loaded)
        start = loaded.model.generation_config.decoder_start_token_id
        self._start = int(config.decoder_start_token_id or 0) if start is None else int(start)

    def begin(self, request: Generate | Embed, answer: Answer) -> Generator[None]:
        """Answer one request, step by step."""
        if isinstance(request, Embed):
            raise WorkerError(Trouble.UNFIT, "a model for texts embeds nothing")
        parts, dropped = self._parts(request)
        answer.begin(sum(map(len, parts)), dropped)
        writer = Writer(answer, self._loaded.decode, request.stop)
        left = request.max_tokens
        joint = "\n" if request.task == "summarise" else " "
        for number, part in enumerate(parts):
            if number:
                writer.break_off(joint)
            sampling = Sampling.of(request, self._defaults)
            for token in self._written(part, sampling):
                if token is not None:
                    if token in self._ends:
                        break
                    left -= 1
                    if writer.push(token):
                        writer.finish("stop")
                    elif left <= 0:
                        writer.finish("length")
                yield
        writer.finish("stop")
        yield

    def _written(self, part: list[int], sampling: Sampling) -> Generator[int | None]:
        """Yield None after the reading, then one token after another, without end."""
        model, device = self._loaded.model, self._loaded.device
        ids = torch.tensor([part], device=device)
        read: Any = model.get_encoder()(input_ids=ids, attention_mask=torch.ones_like(ids))
        yield None
        config = self._loaded.model.config
        cache = transformers.EncoderDecoderCache(
            transformers.DynamicCache(config=config), transformers.DynamicCache(config=config)
        )
        token = self._start
        while True:
            output: Any = model(
                encoder_outputs=read,
                attention_mask=torch.ones_like(ids),
                decoder_input_ids=torch.tensor([[token]], device=device),
                past_key_values=cache,
                use_cache=True,
            )
            token = sampling.choose(output.logits[0, -1].float())
            yield token

    def _parts(self, request: Generate) -> tuple[list[list[int]], int]:
        """Return the tokens of what is to be read, in parts that fit, and how many tokens were left out."""
        tokenizer: Any = self._loaded.tokenizer
        before, text, after = (defused(words, tokenizer.all_special_tokens) for words in self._worded(request))
        head: list[int] = tokenizer.encode(before, add_special_tokens=False) if before else []
        body: list[int] = tokenizer.encode(text, add_special_tokens=False)
        ending: list[int] = tokenizer.encode(after)
        tail = ending[-(self._loaded.context // 2) :]
        head = head[: self._loaded.context // 4]
        room = max(_LEAST_PART, self._loaded.context - len(head) - len(tail))
        if request.task not in {"summarise", "translate"}:
            kept = body[:room]
            return [[*head, *kept, *tail]], len(body) - len(kept)
        pieces = [body[at : at + room] for at in range(0, len(body), room)] or [[]]
        kept_pieces = pieces[:MOST_PARTS]
        dropped = len(body) - sum(map(len, kept_pieces))
        return [[*head, *piece, *tail] for piece in kept_pieces], dropped

    def _worded(self, request: Generate) -> tuple[str, str, str]:
        """Return the words before the text, the text, and the words after it."""
        question = request.question or request.last_text
        if request.task == "summarise":
            return "summarize: ", request.passage or question, ""
        if request.task == "translate":
            return f"translate English to {request.language or 'German'}: ", request.passage or question, ""
        if not request.passage:
            return "", question, ""
        if self._is_tuned:
            return "", request.passage, f"\n\n{question}"
        return f"question: {question} context: ", request.passage, ""
