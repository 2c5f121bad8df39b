"""Makes a tiny random vision-language model on disk: something real for `transformers serve` to serve.

A LLaVA with two layers a side, random weights, a byte-level tokenizer without merges and its own chat template. What
it says is noise, but never empty noise: only letters can be sampled. What it is told is countable: a prompt is one
token per byte of the rendered chat ("role: text" and a line break per message, then "assistant: ") and 16 per image,
whatever its size, so a test knows the right number beforehand.

Run as a script (`python tiny_vlm.py FOLDER`), so that importing torch stays out of the test process.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import Any

__all__ = ["make_tiny_vlm"]

_PATCH_PIXELS = 14
_SIDE_PATCHES = 4
_SIDE_PIXELS = _PATCH_PIXELS * _SIDE_PATCHES

_SPECIAL_TOKENS = ("<pad>", "</s>", "<image>")
_CHAT_TEMPLATE = (
    "{% for message in messages %}{{ message['role'] }}: "
    "{% for part in message['content'] %}"
    "{% if part['type'] == 'image' %}<image>{% else %}{{ part['text'] }}{% endif %}"
    "{% endfor %}{{ '\n' }}{% endfor %}"
    "{% if add_generation_prompt %}assistant: {% endif %}"
)


def make_tiny_vlm(folder: Path) -> None:
    """Write model, processor, tokenizer, chat template and generation settings to `folder`; about 1 MB."""
    # Imported by name, untyped: whether these large packages are installed must not change what the type checker says.
    transformers = import_module("transformers")
    tokenizer = _tokenizer(transformers)
    _model(transformers, tokenizer).save_pretrained(folder)
    _processor(transformers, tokenizer).save_pretrained(folder)


def _tokenizer(transformers: Any) -> Any:
    """One token per byte of UTF-8, after the special ones."""
    tokenizers: Any = import_module("tokenizers")
    alphabet = sorted(tokenizers.pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {token: number for number, token in enumerate((*_SPECIAL_TOKENS, *alphabet))}
    tokenizer = tokenizers.Tokenizer(tokenizers.models.BPE(vocab=vocabulary, merges=[]))
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = tokenizers.decoders.ByteLevel()
    tokenizer.add_special_tokens([tokenizers.AddedToken(token, special=True) for token in _SPECIAL_TOKENS])
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="<pad>",
        eos_token="</s>",
        extra_special_tokens={"image_token": "<image>"},
        model_max_length=8192,
    )


def _processor(transformers: Any, tokenizer: Any) -> Any:
    side = {"height": _SIDE_PIXELS, "width": _SIDE_PIXELS}
    return transformers.LlavaProcessor(
        image_processor=transformers.LlavaImageProcessorPil(size=side, crop_size=side),  # the one without torchvision
        tokenizer=tokenizer,
        patch_size=_PATCH_PIXELS,
        vision_feature_select_strategy="default",
        num_additional_image_tokens=1,  # the class token, which "default" leaves out again
        chat_template=_CHAT_TEMPLATE,
    )


def _model(transformers: Any, tokenizer: Any) -> Any:
    """Random weights, of a spread wide enough that every byte and every image changes what comes out."""
    sizes = {"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4}
    vision = transformers.CLIPVisionConfig(
        **sizes, image_size=_SIDE_PIXELS, patch_size=_PATCH_PIXELS, initializer_factor=5.0
    )
    text = transformers.LlamaConfig(
        **sizes,
        vocab_size=len(tokenizer),
        max_position_embeddings=8192,
        initializer_range=0.5,
        pad_token_id=tokenizer.pad_token_id,
        eos_token_id=tokenizer.eos_token_id,
        bos_token_id=None,
    )
    config = transformers.LlavaConfig(
        vision_config=vision,
        text_config=text,
        image_token_id=tokenizer.convert_tokens_to_ids("<image>"),
        image_seq_length=_SIDE_PATCHES**2,
        vision_feature_layer=-1,
        initializer_range=0.5,
    )
    transformers.set_seed(7)
    model = transformers.LlavaForConditionalGeneration(config).eval()
    model.generation_config = transformers.GenerationConfig(
        suppress_tokens=_all_but_letters(tokenizer),
        pad_token_id=tokenizer.pad_token_id,
        eos_token_id=tokenizer.eos_token_id,
    )
    return model


def _all_but_letters(tokenizer: Any) -> list[int]:
    """The tokens that must not be sampled: so a reply has as many letters as it may have tokens."""
    vocabulary: dict[str, int] = tokenizer.get_vocab()
    return sorted(number for token, number in vocabulary.items() if not (token.isascii() and token.isalpha()))


if __name__ == "__main__":
    make_tiny_vlm(Path(sys.argv[1]))
