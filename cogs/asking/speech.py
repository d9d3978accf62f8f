"""Languages by their English names, as models are told of them, for what Discord calls them."""

from collections.abc import Mapping
from types import MappingProxyType

LANGUAGES: Mapping[str, str] = MappingProxyType(
    {
        "id": "Indonesian",
        "da": "Danish",
        "de": "German",
        "en-GB": "English",
        "en-US": "English",
        "es-ES": "Spanish",
        "es-419": "Spanish",
        "fr": "French",
        "hr": "Croatian",
        "it": "Italian",
        "lt": "Lithuanian",
        "hu": "Hungarian",
        "nl": "Dutch",
        "no": "Norwegian",
        "pl": "Polish",
        "pt-BR": "Portuguese",
        "ro": "Romanian",
        "fi": "Finnish",
        "sv-SE": "Swedish",
        "vi": "Vietnamese",
        "tr": "Turkish",
        "cs": "Czech",
        "el": "Greek",
        "bg": "Bulgarian",
        "ru": "Russian",
        "uk": "Ukrainian",
        "hi": "Hindi",
        "th": "Thai",
        "zh-CN": "Chinese",
        "zh-TW": "Chinese",
        "ja": "Japanese",
        "ko": "Korean",
    }
)
OFFERED = (
    "English",
    "German",
    "French",
    "Spanish",
    "Portuguese",
    "Italian",
    "Dutch",
    "Polish",
    "Romanian",
    "Swedish",
    "Danish",
    "Norwegian",
    "Finnish",
    "Czech",
    "Hungarian",
    "Greek",
    "Bulgarian",
    "Turkish",
    "Ukrainian",
    "Russian",
    "Hindi",
    "Vietnamese",
    "Chinese",
    "Japanese",
    "Korean",
)
"""What a menu offers, which takes 25."""


def language_of(locale: str) -> str:
    """Return the language of somebody's Discord, in English; English where it is not known."""
    return LANGUAGES.get(locale, "English")
