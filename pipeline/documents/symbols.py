"""Characters of the fonts of pictures (Insert Symbol in Word and WPS) → the letters that a person sees.

Source: the published tables of the fonts Symbol, Wingdings, Wingdings 2 and Webdings, as far as signs that an annex may
hold: comparison, arithmetic, ticks, boxes and bullets.
"""

from __future__ import annotations

_SYMBOL = {
    0x25: "%", 0x28: "(", 0x29: ")", 0x2A: "*", 0x2B: "+", 0x2C: ",", 0x2D: "-", 0x2E: ".", 0x2F: "/",
    0x3A: ":", 0x3C: "<", 0x3D: "=", 0x3E: ">", 0x5B: "[", 0x5D: "]", 0x7E: "~",
    0x61: "α", 0x62: "β", 0x6D: "μ", 0x70: "π", 0x73: "σ", 0x44: "Δ", 0x53: "Σ",
    0xA3: "≤", 0xB3: "≥", 0xB9: "≠", 0xBB: "≈", 0xBA: "≡", 0x40: "≅", 0xB1: "±", 0xB4: "×", 0xB8: "÷", 0xD6: "√",
    0xA5: "∞", 0xB0: "°", 0xB7: "•", 0xD7: "·", 0xAB: "↔", 0xAC: "←", 0xAD: "↑", 0xAE: "→", 0xAF: "↓", 0xA4: "/",
} | {0x30 + digit: str(digit) for digit in range(10)}  # fmt: skip
_WINGDINGS = {
    0xFC: "√", 0xFB: "×", 0xFE: "☑", 0xFD: "☒", 0xA8: "□", 0x6F: "□", 0x71: "□", 0x72: "□", 0x78: "☒",
    0x6E: "■", 0x6C: "●", 0xA1: "○", 0xA7: "▪", 0x9F: "•", 0x75: "◆", 0xD8: "➢", 0xE0: "→",
} | {0x80 + digit: chr(0x2460 + digit - 1) for digit in range(1, 11)}  # fmt: skip
_WINGDINGS_2 = {0x50: "√", 0x4F: "×", 0x52: "☑", 0x51: "☒", 0x53: "☒", 0x54: "☒", 0xA3: "□", 0x2A: "□", 0x97: "●"}
_WEBDINGS = {0x61: "√", 0x63: "□", 0x67: "■", 0x72: "×", 0x6E: "●"}
_FONTS = {"symbol": _SYMBOL, "wingdings": _WINGDINGS, "wingdings 2": _WINGDINGS_2, "webdings": _WEBDINGS}
UNKNOWN = "�"
"""What stands for a picture that cannot be told as a letter."""
_PRIVATE = 0xF000


def is_symbol_font(font: str) -> bool:
    """Tell whether the characters of a font are pictures."""
    return font.lower() in _FONTS


def letter(font: str, code: int) -> str:
    """Give the letter that a character of a font of pictures looks like; `UNKNOWN` where it is none."""
    return _FONTS.get(font.lower(), {}).get(code - _PRIVATE if code >= _PRIVATE else code, UNKNOWN)


def in_letters(text: str, font: str) -> str:
    """Give a text in a font with the letters that are seen: those in the private area of a font of pictures."""
    if not is_symbol_font(font):
        return text
    return "".join(letter(font, ord(each)) if _PRIVATE <= ord(each) < _PRIVATE + 0x100 else each for each in text)
