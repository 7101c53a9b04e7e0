"""Typed access to a YAML file, whose errors name the key."""

import math
from pathlib import Path
from typing import Any

import yaml


class ConfigurationError(Exception):
    """The configuration says something that cannot be meant."""


class YamlSection:
    """A mapping of a YAML file. Keys that nobody asks for are left alone: a newer image may know more than this program."""

    def __init__(self, values: Any, path: str = "") -> None:
        if not isinstance(values, dict):
            raise ConfigurationError(f"{path or 'the file'} is not a mapping")
        self._values = values
        self._path = path

    @classmethod
    def read(cls, file: Path) -> "YamlSection":
        """Raises ConfigurationError when the file is not YAML, OSError when it cannot be read."""
        try:
            # BaseLoader leaves every value a text: a sensor named 007, on or 1e3 keeps its name, whoever wrote it without quotes.
            return cls(yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.BaseLoader))
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise ConfigurationError(f"{file}: {error}") from error

    def name(self, key: str) -> str:
        """The key with all that it stands in, for messages."""
        return f"{self._path}.{key}" if self._path else key

    def __contains__(self, key: str) -> bool:
        return self._values.get(key) not in (None, "")

    def text(self, key: str, default: str | None = None) -> str:
        """Without a default the key must be there."""
        if key not in self:
            if default is None:
                raise ConfigurationError(f"{self.name(key)} is missing")
            return default
        value = self._values[key]
        if not isinstance(value, str):
            raise ConfigurationError(f"{self.name(key)} is not a single value")
        return value

    def one_of(self, key: str, allowed: tuple[str, ...], default: str) -> str:
        """A word, in whatever case it is written."""
        value = self.text(key, default).lower()
        if value not in allowed:
            raise ConfigurationError(f"{self.name(key)} is '{value}', expected one of {', '.join(allowed)}")
        return value

    def flag(self, key: str, default: bool) -> bool:
        return self.one_of(key, ("true", "false"), str(default).lower()) == "true"

    def number(self, key: str, default: float | None = None, least: float = -math.inf) -> float | None:
        """A finite number; None only as the default."""
        if key not in self:
            return default
        text = self.text(key)
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not math.isfinite(value) or value < least:
            at_least = "" if least == -math.inf else f" of at least {least:g}"
            raise ConfigurationError(f"{self.name(key)} is '{text}', expected a number{at_least}")
        return value

    def whole(self, key: str, default: int, least: int = 0) -> int:
        value = self.number(key, default, least)
        if value != int(value):
            raise ConfigurationError(f"{self.name(key)} is '{self.text(key)}', expected a whole number")
        return int(value)

    def section(self, key: str) -> "YamlSection":
        """Empty when it is not there."""
        return YamlSection(self._values[key] if key in self else {}, self.name(key))

    def sections(self, key: str) -> list["YamlSection"]:
        """The mappings of a list."""
        values = self._values[key] if key in self else []
        if not isinstance(values, list):
            raise ConfigurationError(f"{self.name(key)} is not a list")
        return [YamlSection(value, f"{self.name(key)}[{index}]") for index, value in enumerate(values)]
