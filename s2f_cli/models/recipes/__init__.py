"""Recipes: TOML files that describe a training, beside the code that reads them.

schema     the tables and keys of a recipe
conditions the tables of conditions, and their values as numbers
table      the base class of all tables
load       reads a recipe by name or file
overrides  applies `--set KEY=VALUE`
construct  builds the part that a table names
upgrade    reads recipes saved by version 0.1.0
"""

from s2f_cli.models.recipes.load import FOLDER, file_of, names, read, validate

__all__ = ["FOLDER", "file_of", "names", "read", "validate"]
