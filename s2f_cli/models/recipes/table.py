"""The base class of a recipe's tables."""

from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator

from s2f_cli.core import registry


class Table(BaseModel):
    """A table of a recipe; validation refuses unknown keys and names the known ones."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _known_keys(cls, table: Any) -> Any:
        if isinstance(table, dict):
            for key in table.keys() - cls.model_fields.keys():
                raise ValueError(f"unknown key {key!r}; {registry.did_you_mean(key, cls.known())}")
        return table

    @classmethod
    def known(cls) -> list[str]:
        """The sorted keys of the table."""
        return sorted(cls.model_fields)
