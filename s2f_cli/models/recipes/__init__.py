"""Recipes: what is trained, as data.

The TOML files lie here.

schema     the tables of a recipe: what each key means, which values it takes
load       read a recipe by name or file
overrides  `--set KEY=VALUE`
construct  from a table that names a part to the part
"""

from s2f_cli.models.recipes.load import FOLDER, file_of, names, read, validate

__all__ = ["FOLDER", "file_of", "names", "read", "validate"]
