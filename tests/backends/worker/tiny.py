"""Tiny models of every architecture, with trained tokenizers: `python -m tests.backends.worker.tiny DIRECTORY`.

A process of its own builds them, so that the tests' process stays free of torch. Three kinds of weights are used:

- walking ones (`llama`, `qwen`, `gpt2`, `bloom`): each token is followed by a fixed other, by a margin that no batch
  shape or rounding can change; a high temperature makes them wander. So what a request got can be compared exactly.
- random ones (`bloom-random`, `t5`): their greedy texts, as the library itself generates them, are in `expected.json`.
- made ones (`bert-qa`): sees the word "blue" as the answer to everything, and no answer where there is none.
"""

import json
import sys
from pathlib import Path
from typing import Any

CORPUS = [
    "The sky is blue and the grass is green; why do people argue about open models?",
    "Question and answer, summary and translation: a small model learns words, not facts.",
    "User: hello there\nAssistant: hello, how are you today?\n0123456789",
    "ünïcödé ✓ 漢字 жук 🙂",
] * 4
SPECIALS = ["<|end|>", "<|system|>", "<|user|>", "<|assistant|>"]
TEMPLATE = (
    "{% for m in messages %}{{ '<|' + m['role'] + '|>' + m['content'] + '<|end|>' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
)
WALK = " abcdefghijklmnopqrstuvwxyz"
"""What a walking model says after `<|assistant|>` or `:`, over and over."""
CONTEXT = 512
SIDE = 64


def build(place: Path) -> None:
    """Write all models into `place`."""
    import torch  # noqa: PLC0415

    torch.manual_seed(7)
    chat, bare = _bpe(TEMPLATE), _bpe(None)
    for kind in ("llama", "qwen", "gpt2", "bloom"):
        tokenizer = chat if kind in {"llama", "qwen"} else bare
        model = _causal(kind, len(tokenizer), torch)
        _walk(model, tokenizer, torch)
        _save(model, tokenizer, place / kind)
    expected: dict[str, str] = {}
    model = _scaled(_causal("bloom", len(bare), torch), torch)
    _save(model, bare, place / "bloom-random")
    expected["bloom"] = _greedy(model, bare, "User: hello there\nAssistant:", torch)
    model, tokenizer = _t5(torch)
    _save(model, tokenizer, place / "t5")
    expected["t5"] = _greedy(model, tokenizer, "summarize: The sky is blue and the grass is green", torch)
    _bert(place, torch)
    (place / "pickled").mkdir()
    torch.save(_causal("llama", len(chat), torch).state_dict(), place / "pickled" / "pytorch_model.bin")
    (place / "pickled" / "config.json").write_text((place / "llama" / "config.json").read_text())
    _gguf(place / "packed", chat)
    (place / "expected.json").write_text(json.dumps(expected))


def _bpe(template: str | None) -> Any:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers  # noqa: PLC0415
    from transformers import PreTrainedTokenizerFast  # noqa: PLC0415

    inner = Tokenizer(models.BPE())
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    inner.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    inner.train_from_iterator(
        CORPUS, trainers.BpeTrainer(vocab_size=420, special_tokens=SPECIALS, initial_alphabet=alphabet)
    )
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=inner, eos_token="<|end|>", pad_token="<|end|>", additional_special_tokens=SPECIALS[1:]
    )
    tokenizer.chat_template = template
    return tokenizer


def _causal(kind: str, vocabulary: int, torch: Any) -> Any:
    import transformers as t  # noqa: PLC0415

    ends = {"eos_token_id": 0, "bos_token_id": 0, "pad_token_id": 0, "tie_word_embeddings": False}
    if kind in {"llama", "qwen"}:
        made: Any = t.LlamaConfig if kind == "llama" else t.Qwen2Config
        config: Any = made(
            vocab_size=vocabulary, hidden_size=SIDE, intermediate_size=128, num_hidden_layers=2, num_attention_heads=4,
            num_key_value_heads=2, max_position_embeddings=CONTEXT, **ends,
        )  # fmt: skip
        whole: Any = t.LlamaForCausalLM if kind == "llama" else t.Qwen2ForCausalLM
        return whole(config).to(torch.bfloat16).eval()
    if kind == "gpt2":
        config = t.GPT2Config(vocab_size=vocabulary, n_embd=SIDE, n_layer=2, n_head=4, n_positions=CONTEXT, **ends)
        return t.GPT2LMHeadModel(config).to(torch.bfloat16).eval()
    config = t.BloomConfig(vocab_size=vocabulary, hidden_size=SIDE, n_layer=2, n_head=4, seq_length=CONTEXT, **ends)
    return t.BloomForCausalLM(config).to(torch.bfloat16).eval()


def _walk(model: Any, tokenizer: Any, torch: Any) -> None:
    """Have nothing but the last token count, and each token followed by the next of a ring."""
    for name, weight in model.named_parameters():
        if (weight.dim() > 1 and "embed" not in name and "wte" not in name) or name.endswith("bias"):
            weight.data.zero_()
    count = len(tokenizer)
    rows = torch.randint(0, 2, (count, SIDE)).mul(2).sub(1).to(torch.bfloat16)
    follows = torch.arange(count).roll(-1)
    steps = [tokenizer.encode(letter)[0] for letter in WALK]
    starts = [tokenizer.convert_tokens_to_ids("<|assistant|>"), tokenizer.encode(":")[0]]
    for start in starts:
        follows[start] = steps[0]
    for now, then in zip(steps, [*steps[1:], steps[0]], strict=True):
        follows[now] = then
    model.get_input_embeddings().weight.data.copy_(rows)
    head = torch.zeros_like(rows, dtype=torch.float32)
    head.index_add_(0, follows, rows.float())
    model.get_output_embeddings().weight.data.copy_(head.to(torch.bfloat16))


def _scaled(model: Any, torch: Any) -> Any:
    """Make random weights large enough to matter."""
    for weight in model.parameters():
        if weight.dim() > 1:
            weight.data = torch.randn_like(weight.float()).mul(0.2).to(weight.dtype)
    return model


def _greedy(model: Any, tokenizer: Any, text: str, torch: Any) -> str:
    ids = torch.tensor([tokenizer.encode(text)])
    out = model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=12, do_sample=False)[0]
    new = out if model.config.is_encoder_decoder else out[ids.shape[1] :]
    return str(tokenizer.decode(new, skip_special_tokens=True, clean_up_tokenization_spaces=False))


def _t5(torch: Any) -> Any:
    import transformers as t  # noqa: PLC0415
    from tokenizers import processors  # noqa: PLC0415

    tokenizer = _bpe(None)
    tokenizer.backend_tokenizer.post_processor = processors.TemplateProcessing(
        single="$A <|end|>", special_tokens=[("<|end|>", 0)]
    )
    config = t.T5Config(
        vocab_size=len(tokenizer), d_model=SIDE, d_kv=16, d_ff=128, num_layers=2, num_heads=4, eos_token_id=0,
        pad_token_id=0, decoder_start_token_id=0, n_positions=128,
    )  # fmt: skip
    return _scaled(t.T5ForConditionalGeneration(config).to(torch.bfloat16).eval(), torch), tokenizer


def _bert(place: Path, torch: Any) -> None:
    import transformers as t  # noqa: PLC0415
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers  # noqa: PLC0415

    inner = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    inner.normalizer = normalizers.BertNormalizer()
    inner.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    specials = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
    inner.train_from_iterator(CORPUS, trainers.WordPieceTrainer(vocab_size=300, special_tokens=specials))
    inner.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    tokenizer = t.PreTrainedTokenizerFast(
        tokenizer_object=inner, unk_token="[UNK]", pad_token="[PAD]", cls_token="[CLS]", sep_token="[SEP]"
    )
    config = t.BertConfig(
        vocab_size=len(tokenizer), hidden_size=SIDE, num_hidden_layers=1, num_attention_heads=4, intermediate_size=64,
        max_position_embeddings=96,
    )  # fmt: skip
    model = t.BertForQuestionAnswering(config).eval()
    for name, weight in model.named_parameters():
        if "LayerNorm" not in name:
            weight.data.zero_()
    words = model.get_input_embeddings().weight
    words.data.copy_(torch.randint(0, 2, words.shape).mul(2).sub(1))
    words.data[:, 0] = 0
    words.data[tokenizer.convert_tokens_to_ids("blue"), 0] = 4
    model.qa_outputs.weight.data[:, 0] = 8
    _save(model, tokenizer, place / "bert-qa")
    _save(t.BertModel(config).eval(), tokenizer, place / "bert")


def _gguf(place: Path, tokenizer: Any) -> None:
    """Write packed weights of a tiny LLaMA, as packages carry them."""
    import gguf  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415

    place.mkdir()
    writer = gguf.GGUFWriter(place / "tiny.gguf", "llama")
    vocabulary = sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])
    model = json.loads(tokenizer.backend_tokenizer.to_str())["model"]
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(SIDE)
    writer.add_block_count(1)
    writer.add_feed_forward_length(128)
    writer.add_head_count(4)
    writer.add_head_count_kv(2)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(16)
    writer.add_vocab_size(len(vocabulary))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("default")
    writer.add_token_list([token for token, _ in vocabulary])
    writer.add_token_types([3 if token in SPECIALS else 1 for token, _ in vocabulary])
    writer.add_token_merges([" ".join(pair) for pair in model["merges"]])
    writer.add_eos_token_id(0)
    writer.add_bos_token_id(0)
    writer.add_chat_template(TEMPLATE)
    chance = np.random.default_rng(1)
    half = SIDE // 2
    shapes = {
        "token_embd.weight": (len(vocabulary), SIDE), "output.weight": (len(vocabulary), SIDE),
        "output_norm.weight": (SIDE,), "blk.0.attn_norm.weight": (SIDE,), "blk.0.ffn_norm.weight": (SIDE,),
        "blk.0.attn_q.weight": (SIDE, SIDE), "blk.0.attn_k.weight": (half, SIDE), "blk.0.attn_v.weight": (half, SIDE),
        "blk.0.attn_output.weight": (SIDE, SIDE), "blk.0.ffn_gate.weight": (128, SIDE),
        "blk.0.ffn_up.weight": (128, SIDE), "blk.0.ffn_down.weight": (SIDE, 128),
    }  # fmt: skip
    for name, shape in shapes.items():
        writer.add_tensor(name, chance.normal(0, 0.1, shape).astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _save(model: Any, tokenizer: Any, place: Path) -> None:
    model.save_pretrained(place)
    tokenizer.save_pretrained(place)


if __name__ == "__main__":
    build(Path(sys.argv[1]))
