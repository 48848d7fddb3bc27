"""What the database holds."""

from django.apps import apps


def rows() -> dict[str, list[tuple]]:
    """Return all that is stored, by table."""
    return {model._meta.db_table: list(model._base_manager.order_by("pk").values_list()) for model in apps.get_models()}
