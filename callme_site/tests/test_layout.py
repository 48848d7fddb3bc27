"""Arrows point down: no file of the product imports one of a layer above its own (docs/architecture.md)."""

import ast
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

PRODUCT = ("callme_site", "accounts", "sellers", "queueing")
NOT_PRODUCT = {"tests", "testing", "migrations"}
# From the bottom to the top. Whatever of the product is in none of these is the roof.
LAYERS = {
    "ground": {
        *("callme_site.models", "callme_site.capacity", "callme_site.pages", "callme_site.sentences"),
        *("callme_site.wire.registry", "callme_site.wire.fields", "callme_site.wire.answers"),
        *("callme_site.wire.addresses", "callme_site.storage", "callme_site.console"),
        *("callme_site.operation.jobs", "callme_site.operation.commands"),
        "callme_site.operation.worker",
    },
    "accounts": {"accounts"},
    "sellers": {"sellers"},
    "queueing": {"queueing"},
    "roof": {"queueing.legacy"},
}
NAMES = list(LAYERS)


def layer_of(module: str) -> int:
    """Return how high the module is: the layer whose name for it is the longest."""
    parts = module.split(".")
    for length in range(len(parts), 0, -1):
        for height, packages in enumerate(LAYERS.values()):
            if ".".join(parts[:length]) in packages:
                return height
    return NAMES.index("roof")


def files() -> dict[str, Path]:
    """Return the product's files by the names of their modules."""
    found = {}
    for app in PRODUCT:
        for path in (settings.BASE_DIR / app).rglob("*.py"):
            parts = path.relative_to(settings.BASE_DIR).with_suffix("").parts
            if not NOT_PRODUCT & set(parts):
                found[".".join(parts).removesuffix(".__init__")] = path
    return found


def imports() -> Iterator[tuple[str, str]]:
    """Yield each module of the product with what it imports, wherever in it, from this repository."""
    product = files()
    for module, path in sorted(product.items()):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                imported = [name.name for name in node.names]
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{path}: {ast.unparse(node)}"
                inside = [f"{node.module}.{name.name}" for name in node.names]
                imported = [name if name in product else node.module for name in inside]
            else:
                continue
            yield from ((module, name) for name in imported if name.split(".")[0] in (*PRODUCT, "bench", "conftest"))


def test_nobody_imports_from_a_layer_above():
    upwards = [
        f"{module} ({NAMES[layer_of(module)]}) imports {imported} ({NAMES[layer_of(imported)]})"
        for module, imported in imports()
        if layer_of(imported) > layer_of(module)
    ]
    assert upwards == []


def test_the_product_knows_no_tests():
    strange = NOT_PRODUCT | {"bench", "conftest"}
    assert [pair for pair in imports() if strange & set(pair[1].split("."))] == []


def test_what_can_be_deleted_is_known_to_nobody():
    legacy = "queueing.legacy"
    known = [pair for pair in imports() if pair[1].startswith(legacy) and not pair[0].startswith(legacy)]
    assert known == []


def test_every_layer_is_there():
    """Else a package that has another name now would be taken for the roof, and might import anything."""
    assert {package for packages in LAYERS.values() for package in packages} <= files().keys()
